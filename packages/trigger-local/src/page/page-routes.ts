import type { Context } from 'hono'
import { check, found, readJson } from '../api/read-request.ts'
import type { LocalApi } from '../api/local-api.ts'
import { advance } from '../engine/advance.ts'
import { durationMsOf } from '../engine/duration.ts'
import { latestWorker } from '../engine/engine.ts'
import { RequestError } from '../engine/request-error.ts'
import { readFault } from './fault-text.ts'
import { pageDocument, pageScript, pageStyle } from './page-files.ts'
import { fieldsOfPayload, summarise, viewRun, viewTree } from './run-views.ts'

/** What this server has beside the real one's routes: a page, and the small HTTP API that it, the command and tests read. */
export function addPageRoutes({ app, engine, telemetry, faults }: LocalApi): void {
  const file = (type: string, text: string) => (context: Context) =>
    context.body(text, 200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': policy, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
  app.get('/', file('text/html', pageDocument))
  app.get('/page.js', file('text/javascript', pageScript))
  app.get('/page.css', file('text/css', pageStyle))

  app.get('/local/v1/state', (context) => {
    const worker = latestWorker(engine)
    return context.json({ version: worker?.version, tasks: worker?.manifest.tasks.map(({ id }) => id) ?? [], runCount: engine.runs.size })
  })

  app.get('/local/v1/runs', async (context) => {
    const limit = Number(context.req.query('limit') ?? 100)
    const roots = [...engine.runs.values()].filter(({ parent }) => parent === undefined || context.req.query('all') !== undefined)
    const shown = roots.toReversed().slice(0, Number.isInteger(limit) && limit > 0 ? limit : 100)
    // `payload=tenantId,projectId`: these fields of each payload as well. The whole of it may be big.
    const names = context.req.query('payload')?.split(',')
    return context.json({ runs: names === undefined ? shown.map(summarise) : await Promise.all(shown.map(async (run) => ({ ...summarise(run), payload: await fieldsOfPayload(run, names) }))) })
  })

  app.get('/local/v1/runs/:run', async (context) =>
    context.json({ run: await viewRun(found(engine.runs.get(context.req.param('run')), 'Run not found'), engine.version, telemetry.logs) }))

  app.get('/local/v1/runs/:run/tree', async (context) => {
    const run = found(engine.runs.get(context.req.param('run')), 'Run not found')
    // `since`: what it was told to stand at. As long as nothing has happened, nothing is told again.
    const at = `${engine.events.length} ${telemetry.logs.length} ${telemetry.logs.at(-1)?.at.getTime() ?? 0}`
    return context.json(context.req.query('since') === at ? { at } : { at, runs: await viewTree(run, engine.version, telemetry.logs) })
  })

  app.post('/local/v1/advance', async (context) => {
    const { duration } = await readJson(context)
    if (typeof duration !== 'string' && typeof duration !== 'number') throw new RequestError('duration is missing: 30d, say, or milliseconds', 400)
    const durationMs = durationMsOf(duration)
    advance(engine, durationMs)
    return context.json({ durationMs })
  })

  app.post('/local/v1/faults', async (context) => {
    faults.push(check({ safeParse: readFault }, await readJson(context)))
    return context.json({ faults: faults.length })
  })
  app.delete('/local/v1/faults', (context) => {
    faults.length = 0
    return context.json({ faults: 0 })
  })
}

/** Only what this server itself serves, nothing inline, in no frame. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
