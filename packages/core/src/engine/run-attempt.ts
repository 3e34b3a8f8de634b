import { errorAt, parsersOf, type TaskContext, type TaskHandler, type TracksError } from '@track-orchestrator/registry'
import { watchAbort } from '@track-orchestrator/registry/waiting'
import { createCallContext, type NestedRunner } from './call-context.ts'
import type { TaskCall, TaskOutcome } from './engine.ts'
import { handlerMissing } from './handler-of.ts'
import { cancelled, neverAborted } from './thrown.ts'
import { TimeLimit } from './time-limit.ts'

/** What an attempt needs beside its call. */
export interface AttemptTools {
  readonly handlerOf: (taskName: string) => TaskHandler | undefined
  /** Runs the tasks that the handler asks for. */
  readonly nested: NestedRunner
  /** How long a handler that was told to stop may go on before it is left behind, in milliseconds. */
  readonly graceMs: number
  /** Whether whoever runs the call leaves it behind by itself: then a handler that does not stop is waited for here. */
  readonly isLeftBehind?: ((signal: AbortSignal) => boolean) | undefined
  /** Given the time limit of the attempt, where it has one: an engine whose platform waits stops the clock meanwhile. */
  readonly onLimit?: ((limit: TimeLimit) => void) | undefined
}

type Failed = TaskOutcome & { readonly status: 'failed' }

/**
 * One attempt of a call, on every engine: the handler under its time limit, its output parsed, what it throws with its place.
 * Never rejects. A call that was told to stop is cancelled, and one whose time was over has timed out, whatever the handler answers.
 * `recover` is given a failure, and says what comes of it: by default the failure itself. (Not left to the caller to chain: a promise
 * more for every call.)
 */
export function runAttempt(call: TaskCall, attempt: number, tools: AttemptTools, recover: (failed: Failed) => TaskOutcome | Promise<TaskOutcome> = asItIs): Promise<TaskOutcome> {
  if (attempt === 1) return attemptOn(call.input, call, attempt, tools, recover)
  // The first attempt's handler may have changed the input that it was given.
  const parsed = inputAgain(call)
  return parsed.then((input) => attemptOn(input, call, attempt, tools, recover))
}

async function inputAgain({ contract, payload }: TaskCall): Promise<unknown> {
  return parsersOf(contract).input(payload)
}

function attemptOn(input: unknown, call: TaskCall, attempt: number, tools: AttemptTools, recover: (failed: Failed) => TaskOutcome | Promise<TaskOutcome>): Promise<TaskOutcome> {
  const { contract, signal, timeoutMs } = call
  const life = { ended: false }
  let limit: TimeLimit | undefined
  let context: TaskContext | undefined
  const succeed = (output: unknown): TaskOutcome | Promise<TaskOutcome> => {
    if (output instanceof Promise) return output.then(succeed, fail)
    const stopped = whyStopped(call, limit)
    if (stopped) return fail(stopped)
    life.ended = true
    limit?.end()
    return { status: 'succeeded', output, attempt, metadata: context!.metadata }
  }
  const fail = (thrown: unknown): TaskOutcome | Promise<TaskOutcome> => {
    const error = whyStopped(call, limit) ?? thrown
    life.ended = true
    limit?.end()
    const place = { track: call.track, step: call.step, taskName: contract.name, attempt }
    return recover({ status: 'failed', error: errorAt(error, place), attempt, metadata: context?.metadata ?? {} })
  }
  const parse = (results: unknown): TaskOutcome | Promise<TaskOutcome> => {
    try {
      return succeed(parsersOf(contract).output(results))
    } catch (thrown) {
      return fail(thrown)
    }
  }
  try {
    if (signal.aborted) return Promise.resolve(fail(undefined))
    const handler = tools.handlerOf(contract.name)
    if (!handler) throw handlerMissing(contract.name)
    if (timeoutMs !== undefined) {
      limit = new TimeLimit(timeoutMs, contract.name, signal)
      tools.onLimit?.(limit)
    }
    context = createCallContext(call, attempt, limit?.signal ?? signal, tools.nested, life, limit)
    // Skips the wrapper (about 1 us) where nothing can stop the handler, or who runs the call does not wait for it then.
    const unwatched = !limit && (signal === neverAborted || tools.isLeftBehind?.(signal) === true)
    const results: unknown = unwatched ? handler(input, context) : callUntilStopped(handler, input, context, call, limit, tools.graceMs)
    return results instanceof Promise ? results.then(parse, fail) : Promise.resolve(parse(results))
  } catch (thrown) {
    return Promise.resolve(fail(thrown))
  }
}

/** Calls the handler. A handler that goes on regardless is left behind `graceMs` after it was told to stop: what it does later is ignored. */
async function callUntilStopped(handler: TaskHandler, input: unknown, context: TaskContext, call: TaskCall, limit: TimeLimit | undefined, graceMs: number): Promise<unknown> {
  let unwatch: (() => void) | undefined
  let grace: NodeJS.Timeout | undefined
  try {
    return await new Promise<unknown>((resolve, reject) => {
      unwatch = watchAbort(context.signal, () => (grace = setTimeout(() => reject(whyStopped(call, limit)!), graceMs)))
      const results: unknown = handler(input, context)
      if (results instanceof Promise) results.then(resolve, reject)
      else resolve(results)
    })
  } finally {
    clearTimeout(grace)
    unwatch?.()
  }
}

/** Why the call must not go on, whatever it came to: it was cancelled, or its time is over. */
function whyStopped({ signal, contract }: TaskCall, limit: TimeLimit | undefined): TracksError | undefined {
  return signal.aborted ? cancelled(contract.name, signal) : limit?.error
}

const asItIs = (failed: Failed): TaskOutcome => failed
