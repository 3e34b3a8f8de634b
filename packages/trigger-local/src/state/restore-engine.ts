import { cancelRun, finalizeCancel } from '../engine/cancel-run.ts'
import type { Batch } from '../engine/batch.ts'
import { completeBatchSoon } from '../engine/create-batch.ts'
import type { Engine } from '../engine/engine.ts'
import { expireAfterTtl, queueAfterDelay } from '../engine/queue.ts'
import { isFinal, latestSnapshot, type Run } from '../engine/run.ts'
import { completeWhenDue } from '../engine/wait.ts'
import type { EngineRecords, RunRecord } from './engine-records.ts'

/**
 * Fills a new engine with what an earlier one knew. What was due meanwhile comes at once. Runs that a process had worked on, or
 * waited in, end as they do on the real server when `trigger dev` has died: cancelled, with their keys kept.
 */
export function restoreEngine(engine: Engine, records: EngineRecords): void {
  engine.workers.push(...records.workers)
  for (const record of records.waitpoints) {
    engine.waitpoints.set(record.friendlyId, {
      ...record, waiting: new Set(), createdAt: new Date(record.createdAt), completedAfter: dated(record.completedAfter),
      idempotencyKeyExpiresAt: dated(record.idempotencyKeyExpiresAt), completed: record.completed && { ...record.completed, at: new Date(record.completed.at) },
    })
  }
  for (const record of records.runs) engine.runs.set(record.friendlyId, restoreRun(engine, record))
  for (const record of records.runs) linkRun(engine, record)
  for (const { parentId, waitpointId, runIds, itemsSeen, ...record } of records.batches) {
    const batch: Batch = {
      ...record, parent: parentId === undefined ? undefined : engine.runs.get(parentId), waitpoint: engine.waitpoints.get(waitpointId)!, itemsSeen: new Set(itemsSeen),
      runs: new Set(runIds.flatMap((id) => engine.runs.get(id) ?? [])), createdAt: new Date(record.createdAt), completedAt: dated(record.completedAt),
    }
    engine.batches.set(batch.friendlyId, batch)
  }
  for (const { entry, runId, expiresAt } of records.runKeys) {
    const run = engine.runs.get(runId)
    if (run) engine.runKeys.set(entry, { run, expiresAt: new Date(expiresAt) })
  }
  for (const key of records.batchKeys) engine.batchKeys.add(key)
  goOn(engine)
}

function goOn(engine: Engine): void {
  for (const waitpoint of engine.waitpoints.values()) {
    if (waitpoint.idempotencyKey !== undefined) engine.waitpointKeys.set(waitpoint.idempotencyKey, waitpoint)
    if (!waitpoint.completed) completeWhenDue(engine, waitpoint)
  }
  for (const run of engine.runs.values()) {
    const { executionStatus } = latestSnapshot(run)
    if (executionStatus === 'DELAYED') queueAfterDelay(engine, run)
    else if (executionStatus === 'QUEUED') expireAfterTtl(engine, run)
    else if (executionStatus !== 'FINISHED') {
      if (!isFinal(run)) cancelRun(engine, run, 'Dev session ended (CLI exited)')
      finalizeCancel(engine, run)
    }
  }
  for (const batch of engine.batches.values()) completeBatchSoon(engine, batch)
}

function restoreRun(engine: Engine, { parentId: _parentId, rootId: _rootId, waitpointId, lockedTo, snapshots, ...record }: RunRecord): Run {
  // A run that goes on is taken by the code of now: no process has the old one any more.
  const worker = isFinal(record as Run) ? engine.workers.find(({ version }) => version === lockedTo?.version) : undefined
  return {
    ...record,
    parent: undefined, root: undefined, children: [], blockers: [], waitpoint: engine.waitpoints.get(waitpointId)!,
    lockedTo: lockedTo && worker && { ...lockedTo, worker },
    snapshots: snapshots.map((snapshot) => ({ ...snapshot, createdAt: new Date(snapshot.createdAt), completedWaitpoints: [] })),
    createdAt: new Date(record.createdAt), updatedAt: new Date(record.updatedAt), delayUntil: dated(record.delayUntil), expiresAt: dated(record.expiresAt),
    startedAt: dated(record.startedAt), completedAt: dated(record.completedAt), expiredAt: dated(record.expiredAt), heartbeatAt: dated(record.heartbeatAt),
  }
}

function linkRun(engine: Engine, { friendlyId, parentId, rootId }: RunRecord): void {
  const run = engine.runs.get(friendlyId)!
  const parent = parentId === undefined ? undefined : engine.runs.get(parentId)
  Object.assign(run, { parent, root: rootId === undefined ? undefined : engine.runs.get(rootId) })
  parent?.children.push(run)
}

/** JSON has dates as text. */
function dated(date: Date | undefined): Date | undefined {
  return date === undefined ? undefined : new Date(date)
}
