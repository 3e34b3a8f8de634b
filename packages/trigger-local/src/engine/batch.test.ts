import { expect } from 'vitest'
import { trigger } from '../client/trigger-and-wait.ts'
import { request, startFakeWorker, type Attempt, type FakeWorker } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'
import type { TriggerDevServer } from '../server/start-trigger-dev-server.ts'

async function parentAttempt(server: TriggerDevServer): Promise<{ worker: FakeWorker; parent: Attempt }> {
  const worker = await startFakeWorker(server, [{ id: 'parent' }, { id: 'double' }, { id: 'shout' }])
  await trigger(server, 'parent', 0)
  return { worker, parent: await worker.takeOne() }
}

test('an item that joins a run from elsewhere counts like any other', async ({ server }) => {
  const { worker, parent } = await parentAttempt(server)
  await trigger(server, 'double', 1, { idempotencyKey: 'shared' })
  const double = await worker.takeOne()
  await parent.batch([{ task: 'double', payload: 1, options: { idempotencyKey: 'shared' } }])
  await double.succeed(2)
  expect((await parent.resumed()).map(({ type, output }) => [type, output])).toContainEqual(['RUN', '2'])
})

test('items that are streamed again are passed over, and the last missing one seals the batch', async ({ server }) => {
  const { id } = await request<{ id: string }>(server, '/api/v3/batches', { runCount: 2 })
  const stream = (...indexes: number[]) => request(server, `/api/v3/batches/${id}/items`, indexes.map((index) => JSON.stringify({ index, task: 'double', payload: '1' })).join('\n'))
  expect(await stream(0)).toMatchObject({ itemsAccepted: 1, sealed: false })
  expect(await stream(0, 1)).toMatchObject({ itemsAccepted: 1, itemsDeduplicated: 1, sealed: true })
  await expect(request(server, `/api/v3/batches/${id}`.replace('v3', 'v2'))).resolves.toMatchObject({ status: 'PROCESSING', runCount: 2 })
})

const scarce = test.extend({ options: { batchTokens: { max: 3, refill: 2, intervalMs: 60_000 } } })

scarce('each item of a batch takes a token; without enough the whole batch is refused, with the time when there are more', async ({ server }) => {
  const create = (runCount: number) => fetch(`${server.url}/api/v3/batches`, { method: 'POST', headers: { authorization: `Bearer ${server.secretKey}` }, body: JSON.stringify({ runCount }) })
  expect((await create(2)).status).toBe(202)
  const refused = await create(2)
  expect(refused.status).toBe(429)
  expect(Object.fromEntries(refused.headers)).toMatchObject({ 'retry-after': expect.stringMatching(/^(?:[1-5]?\d|60)$/) as string, 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '1' })
  expect(await refused.json()).toEqual({ error: expect.stringMatching(/^Batch rate limit exceeded\. Limit resets at \d{4}-/) as string })
  server.advance('1m')
  expect((await create(3)).status).toBe(202)
})
