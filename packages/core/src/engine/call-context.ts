import { CancelledError, DefinitionError, TerminalError, type RunTasksRequest, type TaskContext, type TaskContract, type TaskLog, type TaskRequest } from '@track-orchestrator/registry'
import { aFunction, checkOptions, wholeNumber } from '@track-orchestrator/registry/options'
import type { Engine, TaskCall } from './engine.ts'
import { handlerMissing } from './handler-of.ts'
import { addProgress } from './nested-progress.ts'
import type { TimeLimit } from './time-limit.ts'

/** What runs tasks for a handler: the engine, or one that gives up the handler's own place meanwhile. */
export type NestedRunner = Pick<Engine, 'runTasks' | 'hasHandler'>

/** How far an attempt is. What a handler does after its attempt has ended (it was left behind, or forgot to wait) is not heard any more. */
export interface AttemptLife {
  ended: boolean
  readonly limit: TimeLimit | undefined
  /** Calls that its handler has asked for so far. */
  nestedCount: number
  /** Its handler waits for `runTasks`. */
  isWaiting: boolean
}

const silent: TaskLog = Object.freeze({ debug() {}, info() {}, warn() {}, error() {} })
const ignore = () => {}

/**
 * What a handler is given beside its input. Plain own properties that need no `this`: people write `{ ...context }` and
 * `({ log, progress }) => …`. Made for every attempt, so nothing is made that nobody would hear.
 */
export function createCallContext(call: TaskCall, attempt: number, nested: NestedRunner, life: AttemptLife): TaskContext {
  const { contract, base, observer } = call
  const context: Omit<TaskContext, 'signal'> & { signal?: AbortSignal; [limitOf]?: TimeLimit } = {
    run: { id: call.runId },
    taskName: contract.name,
    attempt,
    tenantId: base.tenantId,
    projectId: base.projectId,
    userId: base.userId as string,
    trampData: base.trampData as NonNullable<typeof base.trampData>,
    log: observer ? logOf(observer, life) : silent,
    progress: observer ? progressOf(observer, life) : ignore,
    runTasks: (requests, options = {}) => {
      const outputs = runNested(call, nested, life, requests, options)
      outputs.catch(ignore) // a handler that does not wait for them has the failure to itself: it must not end the process
      return outputs
    },
    cost: (cost) => call.ledger.pay(call, cost),
    metadata: {},
  }
  if (!life.limit) context.signal = call.signal
  else {
    context[limitOf] = life.limit
    Object.defineProperty(context, 'signal', signalOfLimit)
  }
  return context as TaskContext
}

const limitOf = Symbol('limit')

/** Made when it is asked for: see `TimeLimit`. One getter for all contexts, for V8 makes a class of its own of an object with another. */
const signalOfLimit: PropertyDescriptor & ThisType<{ readonly [limitOf]: TimeLimit }> = {
  get() {
    return this[limitOf].signal
  },
  enumerable: true,
  configurable: true,
}

type Observer = NonNullable<TaskCall['observer']>

function logOf(observer: Observer, life: AttemptLife): TaskLog {
  const tell = (level: keyof TaskLog, message: string, fields: Readonly<Record<string, unknown>> | undefined) => {
    if (!life.ended) observer.log(level, message, fields)
  }
  return {
    debug: (message, fields) => tell('debug', message, fields),
    info: (message, fields) => tell('info', message, fields),
    warn: (message, fields) => tell('warn', message, fields),
    error: (message, fields) => tell('error', message, fields),
  }
}

function progressOf(observer: Observer, life: AttemptLife): TaskContext['progress'] {
  return (fraction, note) => {
    if (!life.ended && Number.isFinite(fraction)) observer.progress(Math.min(1, Math.max(0, fraction)), note)
  }
}

async function runNested<C extends TaskContract>(call: TaskCall, nested: NestedRunner, life: AttemptLife, requests: readonly TaskRequest<C>[], options: RunTasksRequest): Promise<C['~io']['out'][]> {
  const { name } = call.contract
  if (life.ended) throw new CancelledError(`${name} called runTasks after its attempt had ended.`)
  if (life.isWaiting) throw twoWaits(name)
  const { concurrency, onProgress } = checkOptions<RunTasksRequest>('runTasks', options, { concurrency: wholeNumber({ from: 1 }), onProgress: aFunction })
  if (!Array.isArray(requests) || requests.some((request) => typeof request?.task?.name !== 'string')) throw new DefinitionError('runTasks needs a list of { task, input }, where task is a contract made by defineTask.')
  life.isWaiting = true
  life.limit?.pause()
  try {
    for (const { task } of requests) if (nested.hasHandler?.(task.name) === false) throw handlerMissing(task.name)
    const sum = onProgress && addProgress(requests.length, (progress) => life.ended || onProgress(progress))
    const calls = await Promise.all(requests.map(({ task, input }, index) => call.nest(task, input, life.nestedCount++, life.limit?.signal ?? call.signal, sum?.partOf(index))))
    const outcomes = await nested.runTasks(calls, { concurrency, onSettled: sum?.settled })
    sum?.throwFault()
    return outcomes.map((outcome) => {
      if (outcome.status === 'succeeded') return outcome.output
      throw outcome.error
    })
  } finally {
    life.isWaiting = false
    life.limit?.resume()
  }
}

/** Trigger.dev cannot wait for two things in one run. What would fail in production fails on a laptop too. */
function twoWaits(taskName: string): TerminalError {
  return new TerminalError(`${taskName} called runTasks while an earlier runTasks was still going on. Pass all the calls in one list.`, { code: 'engine_unsupported' })
}
