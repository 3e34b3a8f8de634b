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
  // Cancelled between dequeue and start: no process will ever report it stopped. (The real engine finds that out a minute later.)
  if (executionStatus === 'PENDING_CANCEL') finalizeCancel(engine, run)
  if (friendlyId !== snapshotId) throw new RequestError('Snapshot changed inside startRunAttempt', 409)
  if (executionStatus === 'FINISHED') throw new RequestError('Task run is already finished', 400)
  run.attemptNumber += 1
  run.status = 'EXECUTING'
  run.heartbeatAt = new Date()
  addSnapshot(engine, run, 'EXECUTING', 'Attempt created, starting execution', { batchId })
}

/**
 * Takes the outcome of an attempt and says what follows. Refused once the run has ended. (The real engine refuses as well if the
 * worker does not know of the run's latest wait yet, and the run then stands still for minutes; here that report is taken.)
 */
export function completeAttempt(engine: Engine, run: Run, snapshotId: string, completion: TaskRunExecutionResult): CompleteRunAttemptResult['attemptStatus'] {
  const { executionStatus, friendlyId, attemptNumber } = latestSnapshot(run)
  if (executionStatus === 'FINISHED') throw new RequestError('Run is already finished', 400)
  const known = run.snapshots.find((snapshot) => snapshot.friendlyId === snapshotId)
  if (known?.attemptNumber !== attemptNumber) throw new RequestError("Snapshot ID doesn't match the latest snapshot", 400)
  run.durationMs += completion.usage?.durationMs ?? 0
  if (executionStatus === 'PENDING_CANCEL' && (friendlyId !== snapshotId || !completion.ok)) {
    finalizeCancel(engine, run)
    return 'RUN_FINISHED'
  }
  if (completion.ok) {
    finishRun(engine, run, { status: 'COMPLETED_SUCCESSFULLY', output: completion.output, outputType: completion.outputType })
    return 'RUN_FINISHED'
  }
  return failAttempt(engine, run, completion)
}

function failAttempt(engine: Engine, run: Run, completion: Extract<TaskRunExecutionResult, { ok: false }>): CompleteRunAttemptResult['attemptStatus'] {
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
