import { defaultRetry, errorToJson, toTracksError, TracksError, type Registry, type RetryPolicy, type TaskHandler, type TaskHandlers } from '@track-orchestrator/registry'
import { CallContext, type NestedRunner } from '../engine/call-context.ts'
import { watchAbort } from '../engine/abort-watch.ts'
import { callHandler } from '../engine/call-handler.ts'
import type { Engine, RunTasksOptions, TaskCall, TaskOutcome, TrackOutcome, TrackPlan } from '../engine/engine.ts'
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

class InProcessEngine implements Engine {
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

  runTask(call: TaskCall): Promise<TaskOutcome> {
    const lease = this.#limited ? this.#leaseFor(call) : undefined
    return lease ? this.#runLeased(call, lease) : this.#attempt(call, 1, undefined)
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

  async #runLeased(call: TaskCall, lease: Lease): Promise<TaskOutcome> {
    await lease.take()
    try {
      return await this.#attempt(call, 1, lease)
    } finally {
      lease.end()
    }
  }

  /** Attempt number `attempt` and, where that helps, those after it. No async function: this is paid for every step. */
  #attempt(call: TaskCall, attempt: number, lease: Lease | undefined): Promise<TaskOutcome> {
    const { contract, signal, timeoutMs } = call
    const startedAt = call.timed ? Date.now() : 0
    const limit = timeoutMs === undefined ? undefined : new AbortController()
    const context = new CallContext(call, attempt, limit ? limit.signal : signal, lease ? this.#nestedUnder(lease) : this)
    const failed = (thrown: unknown) => this.#failed(call, context, startedAt, thrown, lease)
    try {
      if (signal !== neverAborted && signal.aborted) throw cancelled(contract.name, signal)
      const handler = this.#handlers[contract.name] as TaskHandler | undefined
      if (!handler) throw handlerMissing(contract.name)
      // Calls that nobody can stop, or whose plan looks after that, do not pay for being stopped.
      const unguarded = !limit && (signal === neverAborted || leftBehindByPlan.has(signal))
      const made: unknown = unguarded ? handler(call.input, context) : callHandler(call, handler, context, limit, this.#graceMs)
      if (!(made instanceof Promise)) return Promise.resolve(successOf(call, context, startedAt, made))
      return made.then((results: unknown) => successOf(call, context, startedAt, results), failed)
    } catch (thrown) {
      return failed(thrown)
    }
  }

  async #failed(call: TaskCall, context: CallContext, startedAt: number, thrown: unknown, lease: Lease | undefined): Promise<TaskOutcome> {
    const { signal, contract } = call
    const failure = signal.aborted ? cancelled(contract.name, signal) : toTracksError(thrown)
    const { attempt } = context
    const retry = { ...this.#retry, ...call.retry }
    if (!failure.retryable || attempt >= retry.maxAttempts! || signal.aborted) return failureOf(call, context, startedAt, failure)
    const delayMs = retryDelayMs(retry, attempt, this.#random, (failure as { retryAfterMs?: number }).retryAfterMs)
    call.observer?.retrying(attempt, delayMs, errorToJson(failure))
    await this.#runWithout(lease, () => pause(delayMs, signal))
    return this.#attempt(call, attempt + 1, lease)
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

function successOf(call: TaskCall, context: CallContext, startedAt: number, results: unknown): TaskOutcome {
  const { contract, runId, base } = call
  const job = { success: true, taskName: contract.name, runId, attempt: context.attempt, startedAt, durationMs: call.timed ? Date.now() - startedAt : 0 } as const
  return { job, results, metadata: CallContext.metadataOf(context), trampData: base.trampData }
}

function failureOf(call: TaskCall, context: CallContext, startedAt: number, thrown: TracksError): TaskOutcome {
  const { contract, runId, base } = call
  const job = { success: false, taskName: contract.name, runId, attempt: context.attempt, startedAt, durationMs: Date.now() - startedAt, error: errorToJson(thrown) } as const
  return { job, results: undefined, metadata: CallContext.metadataOf(context), trampData: base.trampData, thrown }
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
