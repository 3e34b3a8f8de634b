import { parsersOf, type RetryPolicy, type TaskContract } from '@track-orchestrator/registry'
import type { CallObserver, TaskCall } from '../engine/engine.ts'
import { observeCall } from './observe-call.ts'
import type { Walk } from './walk.ts'

/** Where a call stands: its track, and the path of what it is part of. */
export interface CallSite {
  readonly track: string
  readonly path: string
  readonly enableSupabaseLogging: boolean
}

/** What a step says of its calls. */
interface CallOptions {
  readonly id: string
  readonly retry: RetryPolicy | undefined
  readonly timeoutMs: number | undefined
}

/** The call of a step, of one item of it, or of a task that its handler asked for. Made for every step of every run: what is seldom asked for is worked out then. */
export class StepCall implements TaskCall {
  readonly contract: TaskContract
  readonly payload: unknown
  readonly input: unknown
  readonly signal: AbortSignal
  private readonly _walk: Walk
  private readonly _site: CallSite
  private readonly _options: CallOptions
  private readonly _segment: string
  private readonly _nested: boolean

  constructor(walk: Walk, site: CallSite, options: CallOptions, segment: string, contract: TaskContract, payload: unknown, input: unknown, signal: AbortSignal, nested: boolean) {
    this.contract = contract
    this.payload = payload
    this.input = input
    this.signal = signal
    this._walk = walk
    this._site = site
    this._options = options
    this._segment = segment
    this._nested = nested
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
  get nested() {
    return this._nested
  }
  get enableSupabaseLogging() {
    return this._site.enableSupabaseLogging
  }
  get walkId() {
    return this._walk.walkId
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

  get observer(): CallObserver | undefined {
    const { events } = this._walk
    return events && observeCall(events, { ...this._site, path: this.path }, this.step, this.contract.name, this._nested)
  }

  async nest(contract: TaskContract, payload: unknown, number: number, signal: AbortSignal): Promise<TaskCall> {
    const input = await parsersOf(contract).input(payload)
    const site = { ...this._site, path: this.path }
    const options = { id: this.step, retry: contract.retry, timeoutMs: contract.timeoutMs }
    return new StepCall(this._walk, site, options, `${number}:${contract.name}`, contract, payload, input, signal, true)
  }
}
