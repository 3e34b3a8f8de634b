import type { CompletedWaitpoint, DequeuedMessage, ExecutionResult, RunExecutionData, TaskRunExecution } from '@trigger.dev/core/v3'
import { BatchId } from '@trigger.dev/core/v3/isomorphic'
import { extractIdempotencyKeyScope, getUserProvidedIdempotencyKey } from '@trigger.dev/core/v3/serverOnly'
import { findTask } from '../engine/background-worker.ts'
import { latestSnapshot, type Run, type Snapshot } from '../engine/run.ts'
import type { Blocker } from '../engine/waitpoint.ts'
import { environment, organization, project } from './local-api.ts'

/** The state of the run, as every answer to a worker begins. The attempt number must be right: else the CLI lets go of the run. */
export function executionResult(run: Run): ExecutionResult {
  const { id, friendlyId, executionStatus, description, createdAt } = latestSnapshot(run)
  return {
    snapshot: { id, friendlyId, executionStatus, description, createdAt },
    run: { id: run.id, friendlyId: run.friendlyId, status: run.status, attemptNumber: run.attemptNumber || null },
  }
}

/** The state of the run with what ended its last wait: how a worker learns that it may go on. */
export function executionData(run: Run): RunExecutionData {
  const snapshot = latestSnapshot(run)
  return {
    version: '1',
    ...executionResult(run),
    batch: batchRef(snapshot.batchId),
    completedWaitpoints: snapshot.completedWaitpoints.map((blocker) => completedWaitpoint(blocker, snapshot)),
  }
}

/** A run that a worker is to begin. */
export function dequeuedMessage(run: Run): DequeuedMessage {
  const { worker, machine } = run.lockedTo!
  return {
    version: '1',
    snapshot: executionResult(run).snapshot,
    dequeuedAt: new Date(),
    completedWaitpoints: [],
    backgroundWorker: { id: worker.id, friendlyId: worker.friendlyId, version: worker.version },
    deployment: {},
    run: {
      id: run.id, friendlyId: run.friendlyId, isTest: run.options.test ?? false, isReplay: false, machine,
      attemptNumber: run.attemptNumber + 1, masterQueue: 'main', traceContext: { traceparent: run.traceparent },
    },
    environment: { id: environment.id, type: environment.type },
    organization: { id: organization.id },
    project: { id: project.id },
  }
}

/** All that an attempt needs: the payload, and what the task sees as `ctx`. */
export function taskRunExecution(run: Run, projectRef: string): TaskRunExecution {
  const { worker, machine, maxAttempts } = run.lockedTo!
  const task = findTask(worker, run.task)!
  const { idempotencyKey, idempotencyKeyOptions } = run.options
  return {
    attempt: { number: run.attemptNumber, startedAt: latestSnapshot(run).createdAt },
    run: {
      id: run.friendlyId, payload: run.payload, payloadType: run.payloadType,
      createdAt: run.createdAt, startedAt: run.startedAt ?? run.createdAt,
      tags: run.tags, isTest: run.options.test ?? false, isReplay: false,
      idempotencyKey: getUserProvidedIdempotencyKey({ idempotencyKey, idempotencyKeyOptions }),
      idempotencyKeyScope: extractIdempotencyKeyScope({ idempotencyKeyOptions }),
      maxAttempts, version: worker.version, metadata: run.metadata as NonNullable<TaskRunExecution['run']['metadata']>,
      maxDuration: run.options.maxDuration ?? task.maxDuration, priority: run.options.priority,
      durationMs: run.durationMs, costInCents: 0, baseCostInCents: 0,
      parentTaskRunId: run.parent?.friendlyId, rootTaskRunId: run.root?.friendlyId,
      traceContext: { traceparent: run.traceparent },
    },
    task: { id: run.task, filePath: task.filePath, exportName: task.exportName },
    queue: { id: `queue_${run.queueName}`, name: run.queueName },
    environment, organization, machine,
    project: { ...project, ref: projectRef },
    batch: run.batchId === undefined ? undefined : { id: BatchId.toFriendlyId(run.batchId) },
  }
}

/** A run that ended is told with the batch that its waiter waits for, not with the batch that made it. */
function completedWaitpoint({ waitpoint, index }: Blocker, snapshot: Snapshot): CompletedWaitpoint {
  const { id, friendlyId, type, completed, run, batch, completedAfter, idempotencyKey } = waitpoint
  return {
    id, friendlyId, type, index, idempotencyKey, completedAfter,
    completedAt: completed?.at ?? new Date(),
    completedByTaskRun: run && { ...run, batch: batchRef(snapshot.batchId) },
    completedByBatch: batch,
    output: completed?.output, outputType: completed?.outputType, outputIsError: completed?.outputIsError ?? false,
  }
}

function batchRef(id: string | undefined): { id: string; friendlyId: string } | undefined {
  return id === undefined ? undefined : { id, friendlyId: BatchId.toFriendlyId(id) }
}
