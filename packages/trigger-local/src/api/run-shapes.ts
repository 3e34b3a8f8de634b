import type { ListRunResponseItem, RetrieveRunResponse, TaskRunStatus } from '@trigger.dev/core/v3'
import { parsePacketAsJson } from '@trigger.dev/core/v3/utils/ioSerialization'
import { BatchId } from '@trigger.dev/core/v3/isomorphic'
import { isFinal, type Run } from '../engine/run.ts'
import type { ServerVersion } from '../engine/server-version.ts'
import { environment } from './local-api.ts'

type ApiStatus = RetrieveRunResponse['status']

/** The statuses that the API calls by another name. */
const renamed: Partial<Record<TaskRunStatus, ApiStatus>> = {
  PENDING: 'QUEUED', WAITING_FOR_DEPLOY: 'PENDING_VERSION', RETRYING_AFTER_FAILURE: 'EXECUTING', INTERRUPTED: 'CRASHED',
  COMPLETED_SUCCESSFULLY: 'COMPLETED', COMPLETED_WITH_ERRORS: 'FAILED', PAUSED: 'WAITING', WAITING_TO_RESUME: 'WAITING',
}

/** The run as a caller sees it, with its payload, outcome and relatives. */
export async function runDetails(run: Run, version: ServerVersion): Promise<RetrieveRunResponse> {
  return {
    ...relatedRun(run),
    payload: await parsePacketAsJson({ data: run.payload, dataType: run.payloadType }),
    output: run.output === undefined ? undefined : await parsePacketAsJson({ data: run.output, dataType: run.outputType ?? 'application/json' }),
    error: run.error && version.show(run.error),
    attemptCount: run.attemptNumber,
    relatedRuns: { root: run.root && relatedRun(run.root), parent: run.parent && relatedRun(run.parent), children: run.children.map(relatedRun) },
  }
}

/** The run as it stands in a list. */
export function runListItem(run: Run): ListRunResponseItem {
  return { ...common(run), env: { id: environment.id, name: environment.slug } }
}

function relatedRun(run: Run): NonNullable<RetrieveRunResponse['relatedRuns']['root']> {
  const waits = run.options.resumeParentOnCompletion === true
  return {
    ...common(run),
    depth: depthOf(run),
    triggerFunction: run.batchId === undefined ? (waits ? 'triggerAndWait' : 'trigger') : waits ? 'batchTriggerAndWait' : 'batchTrigger',
    batchId: run.batchId === undefined ? undefined : BatchId.toFriendlyId(run.batchId),
  }
}

function common(run: Run) {
  const status = apiStatus(run)
  const isCompleted = isFinal(run)
  const isSuccess = status === 'COMPLETED'
  const isCancelled = status === 'CANCELED'
  return {
    id: run.friendlyId, status, taskIdentifier: run.task, idempotencyKey: run.options.idempotencyKey, version: run.lockedTo?.worker.version,
    isQueued: ['QUEUED', 'DELAYED', 'PENDING_VERSION'].includes(status), isExecuting: ['DEQUEUED', 'EXECUTING'].includes(status), isWaiting: false,
    isCompleted, isSuccess, isFailed: isCompleted && !isSuccess && !isCancelled, isCancelled, isTest: run.options.test ?? false,
    createdAt: run.createdAt, updatedAt: run.updatedAt, startedAt: run.startedAt, finishedAt: run.completedAt,
    delayedUntil: run.delayUntil, ttl: run.ttl, expiredAt: run.expiredAt,
    tags: run.tags, metadata: run.metadata, durationMs: run.durationMs, costInCents: 0, baseCostInCents: 0,
  }
}

/** The run's status by the name that the API has for it. */
export function apiStatus({ status }: Run): ApiStatus {
  return renamed[status] ?? (status as ApiStatus)
}

function depthOf({ parent }: Run): number {
  return parent ? depthOf(parent) + 1 : 0
}
