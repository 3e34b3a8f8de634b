import {
  calculateNextRetryDelay, isOOMRunError, type MachinePreset, shouldLookupRetrySettings, shouldRetryError,
  type TaskRunError, taskRunErrorEnhancer, type TaskRunExecutionRetry,
} from '@trigger.dev/core/v3'
import { machineNamed } from './machine.ts'
import type { Run } from './run.ts'

/** Below this a retry stays with its worker; above, it goes back into the queue. */
const stayBelowMs = 30_000

/** What follows a failed attempt. */
export type RetryOutcome =
  | { readonly next: 'cancel' }
  | { readonly next: 'fail'; readonly error: TaskRunError }
  | { readonly next: 'retry here' }
  | { readonly next: 'retry in queue'; readonly delayMs: number; readonly machine?: MachinePreset }

/**
 * Decides as the real engine does. The worker proposes a retry for what the task threw; for a process that died the task's own
 * retry settings count. A SIGKILL looks like lack of memory: retried only where the task names a larger machine for that.
 */
export function retryOutcome(run: Run, error: TaskRunError, proposed: TaskRunExecutionRetry | undefined): RetryOutcome {
  if (error.type === 'INTERNAL_ERROR' && error.code === 'TASK_RUN_CANCELLED') return { next: 'cancel' }
  const fail: RetryOutcome = { next: 'fail', error }
  const { retry, maxAttempts, machine } = run.lockedTo ?? {}

  if (isOOMRunError(error)) {
    const larger = retry?.outOfMemory?.machine
    const delayMs = retry && calculateNextRetryDelay(retry, run.attemptNumber)
    return larger && larger !== machine?.name && delayMs ? { next: 'retry in queue', delayMs, machine: machineNamed(larger) } : fail
  }
  const enhanced = taskRunErrorEnhancer(error)
  if (!shouldRetryError(enhanced) || !maxAttempts || run.attemptNumber >= maxAttempts) return fail
  if (proposed) return proposed.delay < stayBelowMs ? { next: 'retry here' } : { next: 'retry in queue', delayMs: proposed.delay }
  const delayMs = retry && shouldLookupRetrySettings(enhanced) ? calculateNextRetryDelay(retry, run.attemptNumber) : undefined
  return delayMs ? { next: 'retry in queue', delayMs } : fail
}
