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

  app.get('/api/v1/waitpoints/tokens', (context) => {
    const among = (name: string) => context.req.query(`filter[${name}]`)?.split(',')
    const [statuses, tags] = [among('status'), among('tags')]
    const size = Number(context.req.query('page[size]') ?? 25)
    const newestFirst = [...engine.waitpoints.values()].filter(({ type }) => type === 'MANUAL').toReversed()
    const start = newestFirst.findIndex(({ friendlyId }) => friendlyId === context.req.query('page[after]')) + 1
    const matching = newestFirst.slice(start).filter((waitpoint) => (!tags || tags.some((tag) => waitpoint.tags.includes(tag))) && (!statuses || statuses.includes(statusOf(waitpoint))))
    const page = matching.slice(0, size)
    return context.json({ data: page.map(listItem), pagination: matching.length > size ? { next: page.at(-1)!.friendlyId } : {} })
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

  function listItem(waitpoint: Waitpoint) {
    const { friendlyId, completed, completedAfter, idempotencyKey, idempotencyKeyExpiresAt, tags, createdAt } = waitpoint
    return {
      id: friendlyId, url: callbackUrl(waitpoint), status: statusOf(waitpoint),
      completedAt: completed?.at, timeoutAt: completedAfter, completedAfter, idempotencyKey, idempotencyKeyExpiresAt, tags, createdAt,
    }
  }

  function describe(waitpoint: Waitpoint) {
    const { output, outputType, outputIsError } = waitpoint.completed ?? {}
    return { ...listItem(waitpoint), output, outputType, outputIsError }
  }
}

function statusOf({ completed }: Waitpoint): 'WAITING' | 'COMPLETED' | 'TIMED_OUT' {
  return completed ? (completed.outputIsError ? 'TIMED_OUT' : 'COMPLETED') : 'WAITING'
}
