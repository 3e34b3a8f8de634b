import type { Registry, RetryPolicy, TaskHandlers } from '@track-orchestrator/registry'
import { aFunction, checkOptions, durationMs, objectWith, recordOf, required, retryPolicy, wholeNumber, type RulesOf } from '@track-orchestrator/registry/options'
import { wait } from '@track-orchestrator/registry/waiting'
import { memoryBox } from '../engine/answer-box.ts'
import { processClock } from '../engine/clock.ts'
import type { Engine, EngineTime, Question, RunTasksOptions, TaskCall, TaskOutcome, TrackOutcome, TrackPlan } from '../engine/engine.ts'
import { handlersByName } from '../engine/handler-of.ts'
import { failedCall, notStarted } from '../engine/failed-call.ts'
import { runAttempts, type RetryTools } from '../engine/run-attempts.ts'
import { runCalls } from '../engine/run-calls.ts'
import { runRemembered, type CallMemory } from '../engine/call-memory.ts'
import { cancelled } from '../engine/stopping.ts'
import { endOfWait } from '../engine/wait-call.ts'
import { Questions } from './questions.ts'
import { isLeftBehindByPlan, scheduleTracks } from './schedule-tracks.ts'
import { Lease, Slots } from './slots.ts'

export interface InProcessOptions<R extends Registry = Registry> {
  /** Does the tasks: a plain object, or an instance of a class. Of a registry's tasks, only those that are called need a handler. */
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

/**
 * The engine that calls handlers in this process: for laptops, tests and single machines.
 * `memoryOf` gives what remembers the calls of a run beyond the process; without it, nothing does.
 */
export function createInProcessEngine<R extends Registry>(options: InProcessOptions<R>, memoryOf?: (runId: string) => CallMemory | undefined): Engine {
  return openInProcessEngine(options, memoryOf)
}

/** The same, to whose questions answers can be given in this process. */
export function openInProcessEngine<R extends Registry>(options: InProcessOptions<R>, memoryOf?: (runId: string) => CallMemory | undefined): InProcessEngine {
  return new InProcessEngine(checkOptions<InProcessOptions>('createInProcessEngine', options as InProcessOptions, engineRules), memoryOf)
}

/** The same engine on a clock of a test's own. */
export function createTimedEngine(options: InProcessOptions, time: EngineTime): InProcessEngine {
  return new InProcessEngine(checkOptions<InProcessOptions>('testTrack', options, engineRules), undefined, time)
}

/** What the options of the engine may be. */
export const engineRules: RulesOf<InProcessOptions> = {
  handlers: required(objectWith()),
  concurrency: wholeNumber({ from: 1 }),
  taskConcurrency: recordOf(wholeNumber({ from: 1 })),
  retry: retryPolicy,
  graceMs: durationMs(),
  random: aFunction,
}

async function waitHere(call: TaskCall, pause: RetryTools['pause'], beganAt = Date.now()): Promise<TaskOutcome> {
  const leftMs = endOfWait(call, beganAt) - Date.now()
  if (leftMs > 0) await pause(leftMs, call.signal)
  if (!call.signal.aborted) return { status: 'succeeded', output: null, attempt: 1, metadata: {} }
  return failedCall(call, cancelled(call.contract.name, call.signal), 0)
}

class InProcessEngine implements Engine {
  readonly questions = new Questions()
  readonly time: EngineTime
  readonly #tools: RetryTools
  readonly #everywhere: Slots | undefined
  readonly #byTask: ReadonlyMap<string, Slots>
  readonly #limited: boolean
  readonly #memoryOf: ((runId: string) => CallMemory | undefined) | undefined

  constructor({ handlers, concurrency, taskConcurrency = {}, retry = {}, graceMs = 5_000, random = Math.random }: InProcessOptions, memoryOf?: (runId: string) => CallMemory | undefined, time?: EngineTime) {
    this.#memoryOf = memoryOf
    this.time = { clock: processClock, pause: wait, random, ...time }
    const handlerOf = handlersByName(handlers)
    this.#tools = { handlerOf, nested: this, graceMs, isLeftBehind: isLeftBehindByPlan, retry, ...this.time, random }
    this.#everywhere = concurrency === undefined ? undefined : new Slots(concurrency)
    this.#byTask = new Map(Object.entries(taskConcurrency).flatMap(([name, count]) => (count === undefined ? [] : [[name, new Slots(count)]])))
    this.#limited = this.#everywhere !== undefined || this.#byTask.size > 0
  }

  hasHandler(taskName: string): boolean {
    return this.#tools.handlerOf(taskName) !== undefined
  }

  runTask(call: TaskCall): Promise<TaskOutcome> {
    return this.#memoryOf ? Promise.resolve(this.#runRemembered(call)) : this.#run(call)
  }

  runTasks(calls: readonly TaskCall[], options: RunTasksOptions): Promise<TaskOutcome[]> {
    return runCalls(calls, options, (call, isStopped) => (this.#memoryOf ? this.#runRemembered(call, isStopped) : this.#run(call, isStopped)))
  }

  async wait(call: TaskCall): Promise<TaskOutcome> {
    const memory = this.#memoryOf?.(call.runId)
    const { pause } = this.#tools
    return memory ? runRemembered(memory, call, () => waitHere(call, pause, memory.beganAt(call))) : waitHere(call, pause)
  }

  async ask(call: TaskCall, question: Question): Promise<TaskOutcome> {
    const memory = this.#memoryOf?.(call.runId)
    const { pause } = this.#tools
    if (!memory) return this.questions.ask(call, question, memoryBox(), pause)
    return runRemembered(memory, call, () => this.questions.ask(call, question, memory.answersTo(call), pause, memory.beganAt(call)), question)
  }

  runTracks(plan: TrackPlan): Promise<TrackOutcome[]> {
    return scheduleTracks(plan, this.#tools.graceMs)
  }

  #run(call: TaskCall, isStopped?: () => boolean): Promise<TaskOutcome> {
    return this.#limited ? this.#runInPlace(call, isStopped) : runAttempts(call, this.#tools)
  }

  #runRemembered(call: TaskCall, isStopped?: () => boolean): TaskOutcome | Promise<TaskOutcome> {
    const memory = this.#memoryOf?.(call.runId)
    return memory ? runRemembered(memory, call, () => this.#run(call, isStopped)) : this.#run(call, isStopped)
  }

  /** Waits for the call's places. `isStopped` is asked when it has them: its siblings may have failed meanwhile. */
  async #runInPlace(call: TaskCall, isStopped?: () => boolean): Promise<TaskOutcome> {
    const slots = this.#slotsOf(call)
    if (slots.length === 0) return runAttempts(call, this.#tools)
    const lease = new Lease(slots, call.signal)
    await lease.take()
    try {
      if (isStopped?.()) return notStarted(call)
      const nested = {
        hasHandler: (taskName: string) => this.hasHandler(taskName),
        runTasks: (calls: readonly TaskCall[], options: RunTasksOptions) => lease.without(() => this.runTasks(calls, options)),
      }
      return await runAttempts(call, { ...this.#tools, nested, pause: (delayMs, signal) => lease.without(() => this.#tools.pause(delayMs, signal)) })
    } finally {
      lease.end()
    }
  }

  /** The task's own place first: who waits for it must not hold one that others could use. */
  #slotsOf({ contract }: TaskCall): Slots[] {
    return [this.#byTask.get(contract.name), this.#everywhere].filter((slots) => slots !== undefined)
  }
}
