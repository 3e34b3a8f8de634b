import { errorAt, parsersOf, redactValue, type TaskContext, type TaskHandler, type TracksError } from '@track-orchestrator/registry'
import { unlessAborted, watchAbort } from '@track-orchestrator/registry/waiting'
import type { Clock } from './clock.ts'
import { createCallContext, type AttemptLife, type NestedRunner } from './call-context.ts'
import type { TaskCall, TaskOutcome } from './engine.ts'
import { handlerMissing } from './handler-of.ts'
import { cancelled, isUncancellable } from './stopping.ts'
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
  /** What time limits go by. Default: this process's own. */
  readonly clock?: Clock | undefined
}

export type FailedOutcome = TaskOutcome & { readonly status: 'failed' }

/** Given the outcome of an attempt that failed, says what comes of it. */
export type Recover<Tools extends AttemptTools> = (failed: FailedOutcome, call: TaskCall, tools: Tools) => TaskOutcome | Promise<TaskOutcome>

/**
 * One attempt of a call, on every engine: the handler under its time limit, its output parsed, what it throws with its place.
 * Never rejects. A call that was told to stop is cancelled, and one whose time was over has timed out, whatever the handler answers.
 * `recover`: by default the failure stands. (Not left to the caller to chain: that is a promise more for every call.)
 */
export function runAttempt<Tools extends AttemptTools>(call: TaskCall, number: number, tools: Tools, recover: Recover<Tools> = asItIs): Promise<TaskOutcome> {
  const attempt: Attempt = { call, number, tools, recover: recover as Recover<AttemptTools>, limit: undefined, context: undefined, endCost: undefined, ended: false, nestedCount: 0, isWaiting: false }
  // The first attempt's handler may have changed the input that it was given.
  return number === 1 ? start(attempt, call.input) : startAgain(attempt)
}

interface Attempt extends AttemptLife {
  readonly call: TaskCall
  readonly number: number
  readonly tools: AttemptTools
  readonly recover: Recover<AttemptTools>
  limit: TimeLimit | undefined
  context: TaskContext | undefined
  /** See `Ledger.begin`. */
  endCost: (() => void) | undefined
}

async function startAgain(attempt: Attempt): Promise<TaskOutcome> {
  const { contract, payload } = attempt.call
  try {
    return await start(attempt, await parsersOf(contract).input(payload))
  } catch (thrown) {
    return failed(attempt, thrown)
  }
}

function start(attempt: Attempt, input: unknown): Promise<TaskOutcome> {
  const { call, tools } = attempt
  const { contract, signal, timeoutMs } = call
  try {
    if (!isUncancellable(signal) && signal.aborted) throw cancelled(contract.name, signal)
    const handler = tools.handlerOf(contract.name)
    if (!handler) throw handlerMissing(contract.name)
    attempt.endCost = call.ledger.begin(call)
    if (timeoutMs !== undefined) {
      attempt.limit = new TimeLimit(timeoutMs, contract.name, signal, tools.clock)
      tools.onLimit?.(attempt.limit)
    }
    attempt.context = createCallContext(call, attempt.number, tools.nested, attempt)
    const results: unknown = handler(input, attempt.context)
    if (!isThenable(results)) return Promise.resolve(parsed(attempt, results))
    // Nothing can stop the handler, or who runs the call does not wait for it then.
    const unwatched = !attempt.limit && (isUncancellable(signal) || tools.isLeftBehind?.(signal) === true)
    if (!unwatched) return untilStopped(results, attempt)
    const promise = results instanceof Promise ? results : Promise.resolve(results)
    return promise.then(
      (settled) => parsed(attempt, settled),
      (thrown) => failed(attempt, thrown),
    )
  } catch (thrown) {
    return Promise.resolve(failed(attempt, thrown))
  }
}

function parsed(attempt: Attempt, results: unknown): TaskOutcome | Promise<TaskOutcome> {
  try {
    const output = parsersOf(attempt.call.contract).output(results)
    return output instanceof Promise ? parsedLater(attempt, output) : succeeded(attempt, output)
  } catch (thrown) {
    return failed(attempt, thrown)
  }
}

/** A check of the output that never answers is left behind as a handler is. */
async function parsedLater(attempt: Attempt, output: Promise<unknown>): Promise<TaskOutcome> {
  try {
    return await succeeded(attempt, await unlessAborted(output, attempt.limit?.signal ?? attempt.call.signal))
  } catch (thrown) {
    return failed(attempt, thrown)
  }
}

function succeeded(attempt: Attempt, output: unknown): TaskOutcome | Promise<TaskOutcome> {
  const stopped = whyStopped(attempt)
  if (stopped) return failed(attempt, stopped)
  end(attempt)
  return { status: 'succeeded', output, attempt: attempt.number, metadata: metadataOf(attempt) }
}

function failed(attempt: Attempt, thrown: unknown): TaskOutcome | Promise<TaskOutcome> {
  const { call, number, tools, recover } = attempt
  const reason = whyStopped(attempt) ?? thrown
  end(attempt)
  const error = errorAt(reason, { track: call.track, step: call.step, taskName: call.contract.name, attempt: number })
  return recover({ status: 'failed', error, attempt: number, metadata: metadataOf(attempt) }, call, tools)
}

/** What the handler noted, as plain JSON without secrets: it is told to logs and written down, and must not fail what has succeeded. */
function metadataOf({ context }: Attempt): Readonly<Record<string, unknown>> {
  const noted: unknown = context?.metadata
  if (typeof noted !== 'object' || noted === null) return {}
  const told = hasKeys(noted) ? redactValue(noted) : {}
  return typeof told === 'object' && !Array.isArray(told) ? (told as Record<string, unknown>) : { metadata: told }
}

function hasKeys(value: object): boolean {
  try {
    for (const _key in value) return true
    return false
  } catch {
    return true // a proxy that lets nobody look: to be told as such
  }
}

function end(attempt: Attempt): void {
  attempt.ended = true
  attempt.limit?.end()
  attempt.endCost?.()
}

/** What the handler comes to. One that goes on regardless is left behind `graceMs` after it was told to stop: what it does later is ignored. */
function untilStopped(results: PromiseLike<unknown>, attempt: Attempt): Promise<TaskOutcome> {
  const { limit, tools, call } = attempt
  return new Promise((resolve) => {
    let grace: NodeJS.Timeout | undefined
    let isLeft = false
    const onStop = () => {
      grace ??= setTimeout(() => {
        isLeft = true
        resolve(failed(attempt, whyStopped(attempt)))
      }, tools.graceMs)
    }
    limit?.whenOver(onStop)
    const unwatch = isUncancellable(call.signal) ? undefined : watchAbort(call.signal, onStop)
    const settle = (outcome: (attempt: Attempt, settled: unknown) => TaskOutcome | Promise<TaskOutcome>, settled: unknown) => {
      if (grace) clearTimeout(grace)
      unwatch?.()
      if (!isLeft) resolve(outcome(attempt, settled))
    }
    results.then(
      (settled) => settle(parsed, settled),
      (thrown: unknown) => settle(failed, thrown),
    )
  })
}

/** Why the call must not go on, whatever it came to: it was cancelled, or its time is over. */
function whyStopped({ call, limit }: Attempt): TracksError | undefined {
  const { signal, contract } = call
  return !isUncancellable(signal) && signal.aborted ? cancelled(contract.name, signal) : limit?.error
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  value instanceof Promise || (typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function')

const asItIs = (outcome: FailedOutcome): TaskOutcome => outcome
