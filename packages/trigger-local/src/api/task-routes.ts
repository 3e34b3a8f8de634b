import { BatchItemNDJSON, CreateBatchRequestBody, TriggerTaskRequestBody } from '@trigger.dev/core/v3'
import type { TriggerOptions } from '../engine/trigger-request.ts'
import { addItems, type BatchItem } from '../engine/batch-item.ts'
import { createBatch } from '../engine/create-batch.ts'
import { resetKey } from '../engine/run-key.ts'
import { triggerRun } from '../engine/trigger-run.ts'
import type { LocalApi } from './local-api.ts'
import { check, found, payloadLimitBytes, readBody, readJson, readLines } from './read-request.ts'

/** Calls of tasks: one, or a batch in its two parts. */
export function addTaskRoutes({ app, engine }: LocalApi): void {
  app.post('/api/v1/tasks/:task/trigger', async (context) => {
    const { payload, options } = await readBody(context, TriggerTaskRequestBody, payloadLimitBytes)
    const { run, isCached } = triggerRun(engine, {
      task: context.req.param('task'), payload, options, metadata: metadataIn(options), traceparent: context.req.header('traceparent'),
    })
    return context.json({ id: run.friendlyId, isCached })
  })

  app.post('/api/v3/batches', async (context) => {
    const body = await readJson(context)
    // Checked before the schema, as there: an empty batch is told so in these words.
    if (body['runCount'] === 0) return context.json({ error: 'runCount must be a positive integer' }, 400)
    const { friendlyId, runCount } = createBatch(engine, check(CreateBatchRequestBody, body))
    return context.json({ id: friendlyId, runCount, isCached: false }, 202)
  })

  app.post('/api/v3/batches/:batch/items', async (context) => {
    const batch = found(engine.batches.get(context.req.param('batch')), `Batch ${context.req.param('batch')} not found`)
    const items = (await readLines(context)).map(readItem)
    return context.json({ id: batch.friendlyId, runCount: batch.runCount, ...addItems(engine, batch, items, context.req.header('traceparent')) })
  })

  app.post('/api/v1/idempotencyKeys/:key/reset', async (context) => {
    const key = context.req.param('key')
    const { taskIdentifier } = await readJson(context)
    resetKey(engine, String(taskIdentifier), key)
    return context.json({ id: key })
  })
}

function readItem({ value, sizeBytes }: { value: unknown; sizeBytes: number }): BatchItem {
  const item = check(BatchItemNDJSON, value, 422)
  const metadata = metadataIn(item.options)
  if (sizeBytes <= payloadLimitBytes) return { ...item, metadata }
  const [size, limit] = [sizeBytes, payloadLimitBytes].map((bytes) => `${(bytes / 1024).toFixed(1)} KB`)
  return { ...item, metadata, tooLarge: `Batch item payload is too large (${size}). Maximum allowed size is ${limit}. Reduce the payload size or offload large data to external storage.` }
}

/** It comes as the object that the caller wrote, not as its text. */
function metadataIn(options: Pick<TriggerOptions, 'metadata'> | undefined): Record<string, unknown> | undefined {
  return options?.metadata as Record<string, unknown> | undefined
}
