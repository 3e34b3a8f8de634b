import { createMiddleware } from 'hono/factory'
import { RequestError } from '../engine/request-error.ts'
import type { LocalApi } from './local-api.ts'
import { readJson } from './read-request.ts'
import { readLogs, readSpans } from './telemetry.ts'

/** How many lines, and how many spans, are kept: the latest. */
const keptCount = 50_000

/** Where the processes' OpenTelemetry exporters send. They send no key of their own, so one stands in the address. Metrics are thrown away. */
export function addTelemetryRoutes({ app, telemetry, keys }: LocalApi): void {
  app.use('/otel/*', createMiddleware(async (context, next) => {
    if (!context.req.path.startsWith(`/otel/${keys.telemetryKey}/`)) throw new RequestError('Invalid or Missing API key', 401)
    await next()
  }))
  app.post('/otel/:key/v1/traces', async (context) => {
    keep(telemetry.spans, readSpans(await readJson(context)))
    return context.json({})
  })
  app.post('/otel/:key/v1/logs', async (context) => {
    keep(telemetry.logs, readLogs(await readJson(context)))
    return context.json({})
  })
  app.post('/otel/:key/v1/metrics', (context) => context.json({}))
}

function keep<T>(kept: T[], arrived: readonly T[]): void {
  kept.push(...arrived)
  if (kept.length > keptCount) kept.splice(0, kept.length - keptCount)
}
