import { copyJson, parsersOf, type RetryPolicy, type TaskContract } from '@track-orchestrator/registry'
import type { CallObserver, TaskCall } from '../engine/engine.ts'
import { walkIdAt } from './apply-fork.ts'
import { observeCall } from './observe-call.ts'
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
  private readonly _parts: CallParts
  private _observer: CallObserver | undefined

  constructor(parts: CallParts) {
    this._parts = parts
  }

  get contract() {
    return this._parts.contract
  }
  get payload() {
    return this._parts.payload
  }
  get input() {
    return this._parts.input
  }
  get signal() {
    return this._parts.signal
  }
  get base() {
    return this._parts.walk.base
  }
  get runId() {
    return this._parts.walk.runId
  }
  get runName() {
    return this._parts.walk.runName
  }
  get walkId() {
    const { walkId, fork } = this._parts.walk
    return fork ? walkIdAt(fork, walkId, this.path) : walkId
  }
  get nested() {
    return this._parts.nested
  }
  get kept() {
    return this._parts.site.kept
  }
  get path() {
    return `${this._parts.site.path}/${this._parts.segment}`
  }
  get track() {
    return this._parts.site.track
  }
  get step() {
    return this._parts.options.id
  }
  get retry() {
    return this._parts.options.retry
  }
  get timeoutMs() {
    return this._parts.options.timeoutMs
  }
  get inline() {
    return this._parts.options.inline
  }

  get observer(): CallObserver | undefined {
    const { walk, site, nested, onProgress } = this._parts
    if (!walk.events) return undefined
    return (this._observer ??= observeCall(walk.events, { track: site.track, path: this.path, step: this.step, taskName: this.contract.name, nested, kept: site.kept }, onProgress))
  }

  async nest(contract: TaskContract, given: unknown, number: number, signal: AbortSignal, onProgress?: (fraction: number) => void): Promise<TaskCall> {
    const { walk, site } = this._parts
    const payload = copyJson(contract.name, 'input', given) // its handler may change what it gave, and later attempts parse it again
    const input: unknown = await parsersOf(contract).input(payload)
    return new StepCall({
      walk,
      site: { track: site.track, kept: site.kept, path: this.path },
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
