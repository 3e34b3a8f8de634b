import { copyJson, parsersOf, type RetryPolicy, type TaskContract } from '@track-orchestrator/registry'
import type { CallObserver, TaskCall } from '../engine/engine.ts'
import { walkIdAt } from './apply-fork.ts'
import { EventObserver } from './event-observer.ts'
import type { Walk } from './walk.ts'

/** Where a call stands: its track, and the path of what it is part of. */
export interface CallSite {
  readonly track: string
  readonly path: string
  readonly kept: boolean
}

/** What a step says of its calls. */
export interface CallOptions {
  readonly id: string
  readonly retry: RetryPolicy | undefined
  readonly timeoutMs: number | undefined
  readonly inline: boolean
}

/** What a call is made of. */
export interface CallParts {
  readonly walk: Walk
  readonly site: CallSite
  readonly options: CallOptions
  /** The call's own part of its path: `convert_json_to_srt[3]`. */
  readonly segment: string
  readonly contract: TaskContract
  readonly payload: unknown
  readonly input: unknown
  readonly signal: AbortSignal
  readonly nested: boolean
  readonly onProgress?: ((fraction: number) => void) | undefined
}

/** The call of a step, of one item of it, or of a task that its handler asked for. Made for every step of every run: what is seldom asked for is worked out then. */
export class StepCall implements TaskCall {
  readonly contract: TaskContract
  readonly payload: unknown
  readonly input: unknown
  readonly signal: AbortSignal
  readonly nested: boolean
  private readonly _walk: Walk
  private readonly _site: CallSite
  private readonly _options: CallOptions
  private readonly _segment: string
  private readonly _onProgress: ((fraction: number) => void) | undefined
  private _observer: CallObserver | undefined

  constructor({ walk, site, options, segment, contract, payload, input, signal, nested, onProgress }: CallParts) {
    this.contract = contract
    this.payload = payload
    this.input = input
    this.signal = signal
    this.nested = nested
    this._walk = walk
    this._site = site
    this._options = options
    this._segment = segment
    this._onProgress = onProgress
  }

  get base() {
    return this._walk.base
  }
  get runId() {
    return this._walk.runId
  }
  get runName() {
    return this._walk.runName
  }
  get walkId() {
    const { walkId, fork } = this._walk
    return fork ? walkIdAt(fork, walkId, this.path) : walkId
  }
  get ledger() {
    return this._walk.ledger
  }
  get deadline() {
    return this._walk.deadline
  }
  get round() {
    return this._walk.round
  }
  get kept() {
    return this._site.kept
  }
  get path() {
    return `${this._site.path}/${this._segment}`
  }
  get track() {
    return this._site.track
  }
  get step() {
    return this._options.id
  }
  get retry() {
    return this._options.retry
  }
  get timeoutMs() {
    return this._options.timeoutMs
  }
  get inline() {
    return this._options.inline
  }

  get observer(): CallObserver | undefined {
    const { events, ledger } = this._walk
    if (!events) return undefined
    return (this._observer ??= new EventObserver(events, { track: this.track, path: this.path, step: this.step, taskName: this.contract.name, nested: this.nested, kept: this.kept }, ledger, this._onProgress))
  }

  async nest(contract: TaskContract, given: unknown, number: number, signal: AbortSignal, onProgress?: (fraction: number) => void): Promise<TaskCall> {
    const payload = copyJson(contract.name, 'input', given) // its handler may change what it gave, and later attempts parse it again
    const input: unknown = await parsersOf(contract).input(payload)
    return new StepCall({
      walk: this._walk,
      site: { track: this.track, kept: this.kept, path: this.path },
      options: { id: this.step, retry: contract.retry, timeoutMs: contract.timeoutMs, inline: contract.placement?.inline ?? false },
      segment: `${number}:${contract.name}`,
      contract,
      payload,
      input,
      signal,
      nested: true,
      onProgress,
    })
  }
}
