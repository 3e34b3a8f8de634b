import type { BaseFields } from '@track-orchestrator/registry'
import { deepFreeze } from './json-value.ts'
import { withBaseFields, withTrampData } from './shown-to-mappers.ts'

/** What mappers are given as their context. */
export interface MapperContext {
  readonly outputs: Readonly<Record<string, unknown>>
  readonly trampData: unknown
}

/** How far a track has come. What mappers are shown of it is frozen when they first look: no mapper sees what another one changed. */
export class TrackState {
  readonly track: string
  readonly path: string
  readonly kept: boolean
  /** What the last step handed on; at first the input. What the next step gets without a mapper. */
  previous: unknown
  private readonly _base: BaseFields
  private readonly _input: unknown
  private _originalInput: unknown
  private readonly _ids: readonly string[]
  private readonly _values: unknown[] = []
  private _context: MapperContext | undefined
  private _shown: unknown
  private _isShown = false

  /** `ids`: of the track's steps, in order. */
  constructor(base: BaseFields, track: string, path: string, kept: boolean, input: unknown, ids: readonly string[]) {
    this.track = track
    this.path = path
    this.kept = kept
    this.previous = input
    this._base = base
    this._input = input
    this._ids = ids
  }

  /** Files what the next step handed on. */
  file(output: unknown): void {
    this._values.push(output)
    this.previous = output
    this._isShown = false
    this._context = undefined
  }

  /** The next step handed nothing on: it was skipped, or failed and the track goes on. */
  pass(): void {
    this._values.push(undefined)
    this._context = undefined
  }

  /** What the steps so far handed on, by step id, and trampData. Made when a mapper asks: most never do. */
  get context(): MapperContext {
    if (this._context) return this._context
    // Without a prototype: an id may be called `constructor`, and what is no id is undefined.
    const outputs = Object.create(null) as Record<string, unknown>
    for (const [index, value] of this._values.entries()) outputs[this._ids[index]!] = deepFreeze(value)
    return (this._context = Object.freeze({ outputs: Object.freeze(outputs), trampData: this._base.trampData }))
  }

  /** The track's input as mappers see it: parsed, with the base fields on it. */
  get originalInput(): unknown {
    return (this._originalInput ??= withBaseFields(deepFreeze(this._input), this._base))
  }

  /** `previous` as mappers see it: with trampData on it. */
  previousForMapper(): unknown {
    if (!this._isShown) this._shown = withTrampData(deepFreeze(this.previous), this._base.trampData)
    this._isShown = true
    return this._shown
  }
}
