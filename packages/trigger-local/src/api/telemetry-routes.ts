import type { LocalApi } from './local-api.ts'
import { readJson } from './read-request.ts'
import { readLogs, readSpans } from './telemetry.ts'

/** Where the processes' OpenTelemetry exporters send. Metrics are thrown away. */
export function addTelemetryRoutes({ app, telemetry }: LocalApi): void {
  app.post('/otel/v1/traces', async (context) => {
    telemetry.spans.push(...readSpans(await readJson(context)))
    return context.json({})
  })
  app.post('/otel/v1/logs', async (context) => {
    telemetry.logs.push(...readLogs(await readJson(context)))
    return context.json({})
  })
  app.post('/otel/v1/metrics', (context) => context.json({}))
}
