import { withBaseFields, withTrampData, type Walk } from './walk.ts'

/** How far a track has come. It is also what mappers are given as their context: `outputs` and `trampData`. */
export class TrackState {
  readonly track: string
  readonly path: string
  readonly enableSupabaseLogging: boolean
  /** The last output that exists; at first the input. What the next step gets without a mapper. */
  previous: unknown
  private readonly _walk: Walk
  private readonly _input: unknown
  private _originalInput: unknown
  private readonly _ids: readonly string[]
  private readonly _values: unknown[] = []
  private _outputs: Record<string, unknown> | undefined
  private _shown = 0

  /** `ids`: of the track's steps, in order. */
  constructor(walk: Walk, track: string, path: string, enableSupabaseLogging: boolean, input: unknown, ids: readonly string[]) {
    this.track = track
    this.path = path
    this.enableSupabaseLogging = enableSupabaseLogging
    this.previous = input
    this._walk = walk
    this._input = input
    this._ids = ids
  }

  /** Files what the next step handed on; `undefined` where it was skipped, or failed and the track goes on. */
  file(output: unknown): void {
    this._values.push(output)
    if (output !== undefined) this.previous = output
  }

  /** What the steps so far handed on, by step id. Built as far as needed when a mapper asks: most never do. */
  get outputs(): Readonly<Record<string, unknown>> {
    const outputs = (this._outputs ??= {})
    for (; this._shown < this._values.length; this._shown++) outputs[this._ids[this._shown]!] = this._values[this._shown]
    return outputs
  }

  get trampData(): unknown {
    return this._walk.base.trampData
  }

  /** The track's input as mappers see it: parsed, with the base fields on it. */
  get originalInput(): unknown {
    return (this._originalInput ??= withBaseFields(this._input, this._walk.base))
  }

  /** `previous` as mappers see it: with trampData on it. */
  previousForMapper(): unknown {
    return withTrampData(this.previous, this._walk.base.trampData)
  }
}
