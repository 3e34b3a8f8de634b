import { CompleteWaitpointTokenRequestBody, CreateWaitpointTokenRequestBody, stringifyIO } from '@trigger.dev/core/v3'
import { completeWaitpoint } from '../engine/complete-waitpoint.ts'
import { createToken } from '../engine/wait.ts'
import type { Waitpoint } from '../engine/waitpoint.ts'
import type { LocalApi } from './local-api.ts'
import { found, payloadLimitBytes, readBody, readJson } from './read-request.ts'

/** Tokens that a run waits for until somebody completes them: through the SDK, or by a POST to the token's own address. */
export function addTokenRoutes(api: LocalApi): void {
  const { app, engine } = api
  const token = (id: string) => found(engine.waitpoints.get(id), 'Waitpoint not found')

  app.post('/api/v1/waitpoints/tokens', async (context) => {
    const made = createToken(engine, await readBody(context, CreateWaitpointTokenRequestBody))
    return context.json({ id: made.token.friendlyId, isCached: made.isCached, url: callbackUrl(made.token) })
  })

  app.get('/api/v1/waitpoints/tokens/:token', (context) => context.json(describe(token(context.req.param('token')))))

  app.post('/api/v1/waitpoints/tokens/:token/complete', async (context) => {
    const { data } = await readBody(context, CompleteWaitpointTokenRequestBody, payloadLimitBytes)
    await complete(token(context.req.param('token')), data)
    return context.json({ success: true })
  })

  app.post('/callback/:token', async (context) => {
    await complete(token(context.req.param('token')), await readJson(context, payloadLimitBytes))
    return context.json({ success: true })
  })

  async function complete(waitpoint: Waitpoint, data: unknown): Promise<void> {
    const { data: output, dataType: outputType } = await stringifyIO(data)
    completeWaitpoint(engine, waitpoint, { output, outputType })
  }

  function callbackUrl({ friendlyId }: Waitpoint): string {
    return `${api.url}/callback/${friendlyId}`
  }

  function describe(waitpoint: Waitpoint) {
    const { friendlyId, completed, completedAfter, idempotencyKey, idempotencyKeyExpiresAt, tags, createdAt } = waitpoint
    return {
      id: friendlyId, url: callbackUrl(waitpoint), status: completed ? (completed.outputIsError ? 'TIMED_OUT' : 'COMPLETED') : 'WAITING',
      completedAt: completed?.at, timeoutAt: completedAfter, completedAfter, idempotencyKey, idempotencyKeyExpiresAt, tags, createdAt,
      output: completed?.output, outputType: completed?.outputType, outputIsError: completed?.outputIsError,
    }
  }
}
