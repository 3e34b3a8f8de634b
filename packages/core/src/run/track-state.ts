import type { BaseFields } from '@track-orchestrator/registry'
import { deepFreeze } from './deep-freeze.ts'
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
  /** Of the first so many steps, by id: what was last shown. */
  private _outputs: Readonly<Record<string, unknown>> | undefined
  private _outputCount = 0
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
  }

  /** The next step handed nothing on: it was skipped, or failed and the track goes on. */
  pass(): void {
    this._values.push(undefined)
  }

  /** What the steps so far handed on, by step id, and trampData. One for all mappers of the track; most never ask for the outputs. */
  get context(): MapperContext {
    return (this._context ??= this._makeContext())
  }

  private _makeContext(): MapperContext {
    const outputs = () => this._shownOutputs()
    return Object.freeze({
      get outputs() {
        return outputs()
      },
      trampData: this._base.trampData,
    })
  }

  private _shownOutputs(): Readonly<Record<string, unknown>> {
    if (this._outputs && this._outputCount === this._values.length) return this._outputs
    // Without a prototype: an id may be called `constructor`, and what is no id is undefined.
    const outputs = Object.assign(Object.create(null) as Record<string, unknown>, this._outputs)
    for (; this._outputCount < this._values.length; this._outputCount++) outputs[this._ids[this._outputCount]!] = deepFreeze(this._values[this._outputCount])
    return (this._outputs = Object.freeze(outputs))
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
