import { errorAt, errorToJson, mergeRetry, type RetryPolicy } from '@track-orchestrator/registry'
import { retryDelayMs } from '@track-orchestrator/registry/waiting'
import type { TaskCall, TaskOutcome } from './engine.ts'
import { runAttempt, type AttemptTools, type FailedOutcome } from './run-attempt.ts'
import { cancelled } from './stopping.ts'

/** What several attempts need beside what one does. */
export interface RetryTools extends AttemptTools {
  /** For calls whose contract and step say nothing. */
  readonly retry: RetryPolicy | undefined
  /** From 0 up to 1: the jitter. */
  readonly random: () => number
  /** Resolves after so many milliseconds, or as soon as the call is cancelled. */
  readonly pause: (delayMs: number, signal: AbortSignal) => Promise<unknown>
}

/** Attempts of a call in this process, until one succeeds or trying again cannot help. Never rejects. */
export function runAttempts(call: TaskCall, tools: RetryTools): Promise<TaskOutcome> {
  return runAttempt(call, 1, tools, tryAgain)
}

async function tryAgain(failed: FailedOutcome, call: TaskCall, tools: RetryTools): Promise<TaskOutcome> {
  const { error, attempt } = failed
  const delayMs = call.signal.aborted ? undefined : retryDelayMs(error, mergeRetry(tools.retry, call.retry), attempt, tools.random)
  if (delayMs === undefined) return failed
  call.observer?.retrying(attempt, delayMs, errorToJson(error))
  await tools.pause(delayMs, call.signal)
  if (call.signal.aborted) return { ...failed, error: errorAt(cancelled(call.contract.name, call.signal), error.place ?? {}) }
  return runAttempt(call, attempt + 1, tools, tryAgain)
}
