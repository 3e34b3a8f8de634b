import { FlushedRunMetadata, parsePacket, WaitForDurationRequestBody } from '@trigger.dev/core/v3'
import { completeAttempt, startAttempt } from '../engine/attempt.ts'
import { block } from '../engine/block.ts'
import { dequeue } from '../engine/dequeue.ts'
import { finishRun } from '../engine/finish-run.ts'
import { RequestError } from '../engine/request-error.ts'
import type { Run } from '../engine/run.ts'
import { changeMetadata } from '../engine/run-metadata.ts'
import { waitUntil } from '../engine/wait.ts'
import type { LocalApi } from './local-api.ts'
import { check, found, readBody, readJson, runIn } from './read-request.ts'
import { dequeuedMessage, executionData, executionResult, taskRunExecution } from './worker-shapes.ts'

/** How long after the end of an attempt its last metadata is written. */
const metadataAfterMs = 100

/** What a worker calls while it runs tasks: take runs, begin and end attempts, say that it lives, look at a run's state, wait. */
export function addWorkerRoutes(api: LocalApi): void {
  const { app, engine } = api
  const snapshot = '/engine/v1/dev/runs/:run/snapshots/:snapshot'

  app.post('/engine/v1/dev/dequeue', (context) => context.json({ dequeuedMessages: dequeue(engine).map(dequeuedMessage) }))
  app.post('/engine/v1/dev/runs/:run/logs/debug', (context) => context.body(null, 204))
  app.get('/engine/v1/dev/runs/:run/snapshots/latest', (context) => context.json({ execution: executionData(runIn(engine, context)) }))

  app.post(`${snapshot}/heartbeat`, (context) => {
    runIn(engine, context).heartbeatAt = new Date()
    return context.json({ ok: true })
  })

  app.post(`${snapshot}/attempts/start`, (context) => {
    const run = runIn(engine, context)
    startAttempt(engine, run, context.req.param('snapshot'))
    return context.json({ ...executionResult(run), execution: taskRunExecution(run, api.projectRef), envVars: variablesFor(api, run) })
  })

  app.post(`${snapshot}/attempts/complete`, async (context) => {
    const run = runIn(engine, context)
    const completion = check(engine.version.outcome, (await outcomeWithinLimit(context, run)).completion)
    const flushed = completion.flushedMetadata
    const attemptStatus = completeAttempt(engine, run, context.req.param('snapshot'), completion)
    if (flushed?.data) tellLater(run, await parsePacket(flushed))
    return context.json({ result: { attemptStatus, ...executionResult(run) } })
  })

  app.post('/engine/v1/runs/:run/wait/duration', async (context) => {
    const { date, ...key } = await readBody(context, WaitForDurationRequestBody)
    const waitpoint = waitUntil(engine, runIn(engine, context), date, key)
    return context.json({ waitUntil: date, waitpoint: { id: waitpoint.friendlyId } })
  })

  app.post('/engine/v1/runs/:run/waitpoints/tokens/:token/wait', (context) => {
    block(engine, runIn(engine, context), found(engine.waitpoints.get(context.req.param('token')), 'Waitpoint not found'))
    return context.json({ success: true })
  })

  /** What a run said of itself last is written a moment after its end: whoever waits for the end may be told of it before. */
  function tellLater(run: Run, flushed: unknown): void {
    engine.timers.after(metadataAfterMs, () => {
      try {
        changeMetadata(run, check(FlushedRunMetadata, flushed))
      } catch (error) {
        if (!(error instanceof RequestError)) throw error
        api.log(`the last metadata of ${run.friendlyId} is lost: ${error.message}`)
      }
    })
  }

  /** A report that is refused would leave its run standing for ever, so the run fails here. */
  async function outcomeWithinLimit(context: Parameters<typeof readJson>[0], run: Run): Promise<Record<string, unknown>> {
    try {
      return await readJson(context)
    } catch (error) {
      if (error instanceof RequestError && error.status === 413) {
        finishRun(engine, run, { status: 'COMPLETED_WITH_ERRORS', error: { type: 'INTERNAL_ERROR', code: 'TASK_OUTPUT_ERROR', message: error.message } })
      }
      throw error
    }
  }
}

/** The process sends its traces and logs here; told otherwise it would look for a collector on its own. */
function variablesFor({ url, keys }: LocalApi, run: Run): Record<string, string> {
  const endpoint = `${url}/otel/${keys.telemetryKey}`
  return { TRIGGER_RUN_ID: run.friendlyId, TRIGGER_OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }
}
