import { defaultRetry, errorToJson, toTracksError, TracksError, type Registry, type RetryPolicy, type TaskHandler, type TaskHandlers } from '@track-orchestrator/registry'
import { CallContext, type NestedRunner } from '../engine/call-context.ts'
import { watchAbort } from '../engine/abort-watch.ts'
import { callHandler } from '../engine/call-handler.ts'
import type { DirectCalls, Engine, RunTasksOptions, TaskCall, TaskOutcome, TrackOutcome, TrackPlan } from '../engine/engine.ts'
import { retryDelayMs } from '../engine/retry-delay.ts'
import { neverAborted } from '../run/walk.ts'
import { cancelled } from '../run/thrown.ts'
import { leftBehindByPlan, scheduleTracks } from './schedule-tracks.ts'
import { Slots } from './slots.ts'

export interface InProcessOptions<R extends Registry = Registry> {
  /** Does the tasks. Of a registry's tasks, only those that are called need a handler. */
  readonly handlers: Partial<TaskHandlers<R>>
  /** Handlers running at once, over all runs of this engine. A task that waits for tasks of its own does not count. Default: no limit. */
  readonly concurrency?: number
  /** The same for single tasks, by name. Default: no limit. */
  readonly taskConcurrency?: { readonly [N in keyof R]?: number }
  /** For tasks whose contract and step say nothing. Default: `defaultRetry` (3 attempts, 1 s, 2 s). */
  readonly retry?: RetryPolicy
  /** How long a cancelled or timed-out handler may take to tidy up before it is no longer waited for, in milliseconds. Default 5,000. */
  readonly graceMs?: number
  /** From 0 up to 1: the jitter of retries. Default `Math.random`. */
  readonly random?: () => number
}

/** The engine that calls handlers in this process: for laptops, tests and single machines. Nothing is kept beyond the process. */
export function createInProcessEngine<R extends Registry>(options: InProcessOptions<R>): Engine {
  return new InProcessEngine(options as InProcessOptions)
}

class InProcessEngine implements Engine, DirectCalls {
  readonly #handlers: Partial<TaskHandlers>
  readonly #retry: RetryPolicy
  readonly #graceMs: number
  readonly #random: () => number
  readonly #everywhere: Slots | undefined
  readonly #byTask: ReadonlyMap<string, Slots>
  readonly #limited: boolean

  constructor({ handlers, concurrency, taskConcurrency = {}, retry = {}, graceMs = 5_000, random = Math.random }: InProcessOptions) {
    this.#handlers = handlers
    this.#retry = { ...defaultRetry, ...retry }
    this.#graceMs = graceMs
    this.#random = random
    this.#everywhere = concurrency === undefined ? undefined : new Slots(concurrency)
    this.#byTask = new Map(Object.entries(taskConcurrency).flatMap(([name, count]) => (count === undefined ? [] : [[name, new Slots(count)]])))
    this.#limited = this.#everywhere !== undefined || this.#byTask.size > 0
  }

  /** Handlers that wait for a place are not called directly. */
  get direct(): DirectCalls | undefined {
    return this.#limited ? undefined : this
  }

  attempt(call: TaskCall): unknown {
    const limit = limitOf(call)
    return this.#answer(call, new CallContext(call, 1, limit ? limit.signal : call.signal, this), limit)
  }

  async afterFailure(call: TaskCall, thrown: unknown): Promise<TaskOutcome> {
    const failure = await this.#failed(call, 1, undefined, thrown)
    return failure ? failureOf(call, 1, Date.now(), {}, failure) : this.#attempts(call, 2, undefined)
  }

  async runTask(call: TaskCall): Promise<TaskOutcome> {
    const lease = this.#limited ? this.#leaseFor(call) : undefined
    if (!lease) return this.#attempts(call, 1, undefined)
    await lease.take()
    try {
      return await this.#attempts(call, 1, lease)
    } finally {
      lease.end()
    }
  }

  async runTasks(calls: readonly TaskCall[], { concurrency = Infinity, onSettled }: RunTasksOptions): Promise<TaskOutcome[]> {
    const outcomes: TaskOutcome[] = Array.from({ length: calls.length })
    let next = 0
    const work = async () => {
      for (let index = next++; index < calls.length; index = next++) {
        const observer = calls[index]!.observer
        const nested = observer?.nested ? observer : undefined
        nested?.started()
        const outcome = await this.runTask(calls[index]!)
        nested?.ended(outcome)
        outcomes[index] = outcome
        onSettled?.(index, outcome)
      }
    }
    await Promise.all(Array.from({ length: Math.min(concurrency, calls.length) }, work))
    return outcomes
  }

  runTracks(plan: TrackPlan): Promise<TrackOutcome[]> {
    return scheduleTracks(plan, this.#graceMs)
  }

  #leaseFor({ contract }: TaskCall): Lease | undefined {
    const ofTask = this.#byTask.get(contract.name)
    if (!ofTask && !this.#everywhere) return undefined
    // The task's own place first: who waits for it must not hold one that others could use.
    return new Lease([ofTask, this.#everywhere].filter((slots) => slots !== undefined))
  }

  /** Attempt number `first` and, where that helps, those after it. */
  async #attempts(call: TaskCall, first: number, lease: Lease | undefined): Promise<TaskOutcome> {
    for (let attempt = first; ; attempt++) {
      const startedAt = Date.now()
      const limit = limitOf(call)
      const context = new CallContext(call, attempt, limit ? limit.signal : call.signal, lease ? this.#nestedUnder(lease) : this)
      try {
        return successOf(call, attempt, startedAt, await this.#answer(call, context, limit), CallContext.metadataOf(context))
      } catch (thrown) {
        const failure = await this.#failed(call, attempt, lease, thrown)
        if (failure) return failureOf(call, attempt, startedAt, CallContext.metadataOf(context), failure)
      }
    }
  }

  /** What the handler returns. Throws, or rejects with, what it throws. */
  #answer(call: TaskCall, context: CallContext, limit: AbortController | undefined): unknown {
    const { contract, signal } = call
    if (signal !== neverAborted && signal.aborted) throw cancelled(contract.name, signal)
    const handler = this.#handlers[contract.name] as TaskHandler | undefined
    if (!handler) throw handlerMissing(contract.name)
    // Calls that nobody can stop, or whose plan looks after that, do not pay for being stopped.
    const unguarded = !limit && (signal === neverAborted || leftBehindByPlan.has(signal))
    return unguarded ? handler(call.input, context) : callHandler(call, handler, context, limit, this.#graceMs)
  }

  /** What the call failed with; nothing, after a pause, where another attempt is worth while. */
  async #failed(call: TaskCall, attempt: number, lease: Lease | undefined, thrown: unknown): Promise<TracksError | undefined> {
    const { signal, contract } = call
    const failure = signal.aborted ? cancelled(contract.name, signal) : toTracksError(thrown)
    const retry = { ...this.#retry, ...call.retry }
    if (!failure.retryable || attempt >= retry.maxAttempts! || signal.aborted) return failure
    const delayMs = retryDelayMs(retry, attempt, this.#random, failure.retryAfterMs)
    call.observer?.retrying(attempt, delayMs, errorToJson(failure))
    await this.#runWithout(lease, () => pause(delayMs, signal))
    return undefined
  }

  #nestedUnder(lease: Lease): NestedRunner {
    return { runTasks: (calls, options) => this.#runWithout(lease, () => this.runTasks(calls, options)) }
  }

  /** Waiting, for tasks of its own or for the next attempt, needs no place. */
  async #runWithout<Result>(lease: Lease | undefined, wait: () => Promise<Result>): Promise<Result> {
    lease?.give()
    try {
      return await wait()
    } finally {
      await lease?.take()
    }
  }
}

/** A call's places in the engine: given up while it waits, taken again, and given back for good at its end. */
class Lease {
  readonly #slots: readonly Slots[]
  #held = false
  #ended = false

  constructor(slots: readonly Slots[]) {
    this.#slots = slots
  }

  async take(): Promise<void> {
    for (const slots of this.#slots) await slots.take()
    this.#held = true
    if (this.#ended) this.give() // its handler was left behind meanwhile
  }

  give(): void {
    if (!this.#held) return
    this.#held = false
    for (const slots of this.#slots) slots.give()
  }

  end(): void {
    this.#ended = true
    this.give()
  }
}

type Metadata = TaskOutcome['metadata']

const limitOf = ({ timeoutMs }: TaskCall): AbortController | undefined => (timeoutMs === undefined ? undefined : new AbortController())

function successOf(call: TaskCall, attempt: number, startedAt: number, results: unknown, metadata: Metadata): TaskOutcome {
  const { contract, runId, base } = call
  const job = { success: true, taskName: contract.name, runId, attempt, startedAt, durationMs: Date.now() - startedAt } as const
  return { job, results, metadata, trampData: base.trampData }
}

function failureOf(call: TaskCall, attempt: number, startedAt: number, metadata: Metadata, thrown: TracksError): TaskOutcome {
  const { contract, runId, base } = call
  const job = { success: false, taskName: contract.name, runId, attempt, startedAt, durationMs: Date.now() - startedAt, error: errorToJson(thrown) } as const
  return { job, results: undefined, metadata, trampData: base.trampData, thrown }
}

/** Ends early when the signal is aborted. Many calls may pause under one signal: it is listened to once for all of them. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      unwatch()
      resolve()
    }, ms)
    const unwatch = watchAbort(signal, () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

function handlerMissing(taskName: string): TracksError {
  return new TracksError(`There is no handler for ${taskName}: add one to the handlers of the engine.`, { code: 'handler_missing', retryable: false })
}
