import type { CompleteRunAttemptResult, TaskRunExecutionResult } from '@trigger.dev/core/v3'
import { finalizeCancel } from './cancel-run.ts'
import { clearBlockers } from './complete-waitpoint.ts'
import type { Engine } from './engine.ts'
import { finishRun } from './finish-run.ts'
import { requeue } from './queue.ts'
import { RequestError } from './request-error.ts'
import { retryOutcome } from './retry-outcome.ts'
import { latestSnapshot, type Run } from './run.ts'
import { statusFromError } from './status-from-error.ts'
import { addSnapshot } from './snapshot.ts'

/** Begins the next attempt. Refused unless the worker knows the run's latest state. */
export function startAttempt(engine: Engine, run: Run, snapshotId: string): void {
  const { friendlyId, executionStatus, batchId } = latestSnapshot(run)
  if (friendlyId !== snapshotId) throw new RequestError('Snapshot changed inside startRunAttempt', 409)
  if (executionStatus === 'FINISHED') throw new RequestError('Task run is already finished', 400)
  run.attemptNumber += 1
  run.status = 'EXECUTING'
  run.heartbeatAt = new Date()
  addSnapshot(engine, run, 'EXECUTING', 'Attempt created, starting execution', { batchId })
}

/**
 * Takes the outcome of an attempt and says what follows. Refused once the run has ended, and where the worker does not know the
 * run's latest state, a cancellation, say: the run then stands still until the watchdog comes.
 */
export function completeAttempt(engine: Engine, run: Run, snapshotId: string, completion: TaskRunExecutionResult): CompleteRunAttemptResult['attemptStatus'] {
  const { executionStatus, friendlyId } = latestSnapshot(run)
  if (executionStatus === 'FINISHED') throw new RequestError('Run is already finished', 400)
  if (friendlyId !== snapshotId) throw new RequestError("Snapshot ID doesn't match the latest snapshot", 500)
  run.durationMs += completion.usage?.durationMs ?? 0
  if (executionStatus === 'PENDING_CANCEL' && !completion.ok) {
    finalizeCancel(engine, run)
    return 'RUN_FINISHED'
  }
  if (completion.ok) {
    finishRun(engine, run, { status: 'COMPLETED_SUCCESSFULLY', output: completion.output, outputType: completion.outputType })
    return 'RUN_FINISHED'
  }
  return failAttempt(engine, run, completion)
}

/** What follows a failed attempt: another one, or the end. */
export function failAttempt(engine: Engine, run: Run, completion: Extract<TaskRunExecutionResult, { ok: false }>): CompleteRunAttemptResult['attemptStatus'] {
  clearBlockers(run)
  const outcome = retryOutcome(run, completion.error, completion.retry)
  if (outcome.next === 'retry here') {
    run.status = 'RETRYING_AFTER_FAILURE'
    addSnapshot(engine, run, 'EXECUTING', 'Attempt failed with a short delay, starting a new attempt')
    return 'RETRY_IMMEDIATELY'
  }
  if (outcome.next === 'retry in queue') {
    if (outcome.machine && run.lockedTo) run.lockedTo = { ...run.lockedTo, machine: outcome.machine }
    requeue(engine, run, new Date(Date.now() + outcome.delayMs))
    return 'RETRY_QUEUED'
  }
  if (outcome.next === 'cancel') finalizeCancel(engine, run)
  else finishRun(engine, run, { status: statusFromError(outcome.error), error: outcome.error })
  return 'RUN_FINISHED'
}
