import type { CreateBatchRequestBody } from '@trigger.dev/core/v3'
import { BatchId } from '@trigger.dev/core/v3/isomorphic'
import { block } from './block.ts'
import { takeTokens } from './batch-tokens.ts'
import { announce, type Engine } from './engine.ts'
import { RequestError } from './request-error.ts'
import type { Batch } from './batch.ts'
import { isFinal } from './run.ts'
import { completeWaitpoint, createWaitpoint } from './complete-waitpoint.ts'

/** How many items a batch may have. */
export const batchItemLimit = 1000

/** Announces a batch. From here on a parent that waits is blocked. Refuses an empty one, one too large, and a key used before. */
export function createBatch(engine: Engine, request: CreateBatchRequestBody): Batch {
  const { runCount, parentRunId, resumeParentOnCompletion = false, idempotencyKey } = request
  if (runCount <= 0) throw new RequestError('runCount must be a positive integer', 400)
  if (runCount > batchItemLimit) throw new RequestError(`Batch runCount of ${runCount} exceeds maximum allowed of ${batchItemLimit}.`, 400)
  takeTokens(engine, runCount)
  if (idempotencyKey !== undefined) {
    if (engine.batchKeys.has(idempotencyKey)) throw new RequestError('Cannot create batch as it has already been created with the same idempotency key.')
    engine.batchKeys.add(idempotencyKey)
  }
  const ids = BatchId.generate()
  const batch: Batch = {
    ...ids,
    runCount,
    parent: parentRunId === undefined ? undefined : engine.runs.get(parentRunId),
    parentWaits: resumeParentOnCompletion,
    waitpoint: createWaitpoint(engine, { type: 'BATCH', batch: ids }),
    createdAt: new Date(),
    itemsSeen: new Set(),
    expanded: 0,
    runs: new Set(),
    sealed: false,
    completedAt: undefined,
  }
  engine.batches.set(batch.friendlyId, batch)
  announce(engine, { type: 'batch.created', id: batch.friendlyId })
  if (batch.parent && batch.parentWaits) block(engine, batch.parent, batch.waitpoint, { batchId: batch.id })
  return batch
}

/** Looks soon whether the batch is done: sealed, every item counted, every run that it made ended. */
export function completeBatchSoon(engine: Engine, batch: Batch): void {
  engine.timers.soon(`batch ${batch.id}`, 20, () => {
    if (!batch.sealed || batch.completedAt || batch.runs.size < batch.runCount) return
    const own = [...batch.runs].filter(({ batchId }) => batchId === batch.id)
    if (!own.every(isFinal)) return
    batch.completedAt = new Date()
    announce(engine, { type: 'batch.completed', id: batch.friendlyId })
    completeWaitpoint(engine, batch.waitpoint, { output: 'Batch waitpoint completed' })
  })
}
