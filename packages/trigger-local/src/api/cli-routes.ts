import { CreateBackgroundWorkerRequestBody, DevDisconnectRequestBody } from '@trigger.dev/core/v3'
import { streamSSE } from 'hono/streaming'
import { registerWorker } from '../engine/register-worker.ts'
import { cancelRun, finalizeCancel } from '../engine/cancel-run.ts'
import { announce } from '../engine/engine.ts'
import { environment, type LocalApi, project } from './local-api.ts'
import { readBody } from './read-request.ts'

/** How often the CLI asks for runs, in milliseconds. */
const dequeueIntervalMs = 100
const presenceIntervalMs = 5_000

/** What `trigger dev` asks for before it runs anything: who, which project, which variables; and what it registers. */
export function addCliRoutes(api: LocalApi): void {
  const { app, engine } = api

  app.get('/api/v2/whoami', (context) => context.json({ userId: 'user_local', email: 'local@example.com', dashboardUrl: api.url }))
  app.get('/api/v1/projects/:ref/envvars', (context) => context.json({ variables: {} }))
  app.get('/api/v1/projects/:ref/envvars/:environment', (context) => context.json([]))
  app.get('/api/v1/projects/:ref/:environment{dev|staging|prod|preview}', (context) =>
    context.json({ apiKey: api.keys.secretKey, name: project.name, apiUrl: api.url, projectId: project.id }))

  // For `trigger deploy --dry-run`, which stops before it would send anything.
  app.get('/api/v1/projects/:ref/:environment/deploy-settings', (context) => context.json({ build_path: 'depot' }))

  app.get('/engine/v1/dev/config', (context) =>
    context.json({
      environmentId: environment.id,
      dequeueIntervalWithRun: dequeueIntervalMs,
      dequeueIntervalWithoutRun: dequeueIntervalMs,
      maxConcurrentRuns: engine.maxConcurrentRuns,
      engineUrl: api.url,
    }))

  app.get('/engine/v1/dev/presence', (context) =>
    streamSSE(context, async (stream) => {
      while (!stream.aborted) {
        await stream.writeSSE({ event: 'presence', data: JSON.stringify({ type: 'ping' }) })
        await stream.sleep(presenceIntervalMs)
      }
    }))

  app.post('/api/v1/projects/:ref/background-workers', async (context) => {
    const { metadata } = await readBody(context, CreateBackgroundWorkerRequestBody)
    api.projectRef = context.req.param('ref')
    const worker = registerWorker(engine, metadata)
    return context.json({ id: worker.friendlyId, version: worker.version, contentHash: metadata.contentHash })
  })

  // The CLI's watchdog calls this when it finds the CLI dead: nobody works on these runs any more.
  app.post('/engine/v1/dev/disconnect', async (context) => {
    const { runFriendlyIds } = await readBody(context, DevDisconnectRequestBody)
    const runs = runFriendlyIds.flatMap((id) => engine.runs.get(id) ?? [])
    for (const run of runs) {
      cancelRun(engine, run, 'Dev session ended (CLI exited)')
      finalizeCancel(engine, run)
    }
    announce(engine, { type: 'worker.disconnected' })
    return context.json({ cancelled: runs.length })
  })
}
