import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Engine } from '../engine/engine.ts'
import { RequestError } from '../engine/request-error.ts'
import { addCliRoutes } from './cli-routes.ts'
import { injectFaults } from './faults.ts'
import { createKeys, type Keys, type LocalApi } from './local-api.ts'
import { onlyFromHere } from './only-from-here.ts'
import { addPacketRoutes } from './packet-routes.ts'
import { addRunRoutes } from './run-routes.ts'
import { addTaskRoutes } from './task-routes.ts'
import { addTelemetryRoutes } from './telemetry-routes.ts'
import { addTokenRoutes } from './token-routes.ts'
import { addWorkerRoutes } from './worker-routes.ts'

export interface ApiOptions {
  readonly log: (line: string) => void
  /** Default: new ones. */
  readonly keys?: Keys | undefined
  /** Whether only this machine may call. */
  readonly isLocal: boolean
}

/** All routes over one engine. What nobody serves is answered with 404 and reported. */
export function createApi(engine: Engine, { log, keys = createKeys(), isLocal }: ApiOptions): LocalApi {
  const app = new Hono()
  const api: LocalApi = { app, engine, telemetry: { spans: [], logs: [] }, keys, faults: [], log, url: '', projectRef: 'proj_local' }

  if (isLocal) app.use('*', onlyFromHere)
  app.use('*', injectFaults(api.faults))
  for (const path of ['/api/*', '/engine/*', '/local/*']) app.use(path, onlyWithKey(keys))
  addCliRoutes(api)
  addWorkerRoutes(api)
  addTaskRoutes(api)
  addRunRoutes(api)
  addTokenRoutes(api)
  addPacketRoutes(api)
  addTelemetryRoutes(api)

  app.notFound((context) => {
    log(`not served: ${context.req.method} ${context.req.path}`)
    return context.json({ error: 'Not served by the local Trigger.dev API' }, 404)
  })
  app.onError((error, context) => {
    if (error instanceof RequestError) return context.json({ error: error.message }, error.status, error.headers)
    log(`${context.req.method} ${context.req.path}: ${error.stack ?? error.message}`)
    return context.json({ error: 'Something went wrong' }, 500)
  })
  return api
}

function onlyWithKey({ accessToken, secretKey }: Keys) {
  return createMiddleware(async (context, next) => {
    const key = context.req.header('authorization')?.replace(/^Bearer /, '')
    if (key !== accessToken && key !== secretKey) throw new RequestError('Invalid or Missing API key', 401)
    await next()
  })
}
