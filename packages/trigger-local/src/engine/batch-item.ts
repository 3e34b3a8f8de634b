import type { BatchItemNDJSON } from '@trigger.dev/core/v3'
import type { Batch } from './batch.ts'
import { completeBatchSoon } from './create-batch.ts'
import { block } from './block.ts'
import { createFailedRun } from './create-run.ts'
import { announce, type Engine } from './engine.ts'
import { RequestError } from './request-error.ts'
import type { TriggerRequest } from './trigger-request.ts'
import { triggerRun } from './trigger-run.ts'

/** What a caller is told of the items that it streamed. */
export interface AddedItems { readonly itemsAccepted: number; readonly itemsDeduplicated: number; readonly sealed: boolean }

/** One item of a batch, with what its metadata begins with; or one whose payload was too large to read. */
export type BatchItem = BatchItemNDJSON & { readonly metadata?: Record<string, unknown> | undefined; readonly tooLarge?: string }

/** Takes the items, which become runs one after the other, and, once all are there, seals the batch. An index that came before is passed over: a client may stream again. */
export function addItems(engine: Engine, batch: Batch, items: readonly BatchItem[], traceparent?: string): AddedItems {
  if (batch.sealed) return { itemsAccepted: 0, itemsDeduplicated: 0, sealed: true }
  let itemsAccepted = 0
  for (const item of items) {
    if (item.index >= batch.runCount) throw new RequestError(`Item index ${item.index} exceeds batch runCount ${batch.runCount}`)
    if (batch.itemsSeen.has(item.index)) continue
    batch.itemsSeen.add(item.index)
    itemsAccepted += 1
    engine.timers.after(engine.batchItemMs * (batch.itemsSeen.size - 1), () => {
      triggerItem(engine, batch, item, traceparent)
      batch.expanded += 1
      completeBatchSoon(engine, batch)
    })
  }
  batch.sealed = batch.itemsSeen.size === batch.runCount
  if (batch.sealed) {
    announce(engine, { type: 'batch.sealed', id: batch.friendlyId })
  }
  return { itemsAccepted, itemsDeduplicated: items.length - itemsAccepted, sealed: batch.sealed }
}

/** An item that cannot be triggered becomes a failed run, so that its parent learns of it in its place. (The real server tries for forty seconds first.) */
function triggerItem(engine: Engine, batch: Batch, item: BatchItem, traceparent: string | undefined): void {
  const { task, payload, index, metadata } = item
  const options = { ...item.options, parentRunId: batch.parent?.friendlyId, resumeParentOnCompletion: batch.parentWaits }
  const request: TriggerRequest = { task, payload, options, metadata, traceparent, batch: { id: batch.id, index } }
  try {
    if (item.tooLarge !== undefined) throw new RequestError(item.tooLarge, 413)
    batch.runs.add(triggerRun(engine, request).run)
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    const code = item.tooLarge !== undefined ? 'PAYLOAD_TOO_LARGE' : 'BATCH_ITEM_COULD_NOT_TRIGGER'
    const run = createFailedRun(engine, request, { type: 'INTERNAL_ERROR', code, message: error.message }, batch.parent)
    batch.runs.add(run)
    if (batch.parent && batch.parentWaits) block(engine, batch.parent, run.waitpoint, { batchId: batch.id, index })
  }
}
