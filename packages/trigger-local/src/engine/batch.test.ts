import { setTimeout as sleep } from 'node:timers/promises'
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

test('a parent waits for all items, and gets each outcome with its index', async ({ server }) => {
  const { worker, parent } = await parentAttempt(server)
  const { id } = await parent.batch([{ task: 'double', payload: 1 }, { task: 'shout', payload: 'a' }])
  const [double, shout] = await worker.takeMany(2)
  await shout!.fail()
  expect((await parent.state()).snapshot.executionStatus).toBe('EXECUTING_WITH_WAITPOINTS')
  await double!.succeed(2)
  const completed = (await parent.resumed()).filter(({ type }) => type === 'RUN')
  expect(completed.map(({ index, outputIsError, completedByTaskRun }) => ({ index, outputIsError, batch: completedByTaskRun?.batch?.friendlyId })))
    .toEqual([{ index: 0, outputIsError: false, batch: id }, { index: 1, outputIsError: true, batch: id }])
  expect((await parent.state()).batch?.friendlyId).toBe(id)
})

test('an item that joins a run from elsewhere counts like any other', async ({ server }) => {
  const { worker, parent } = await parentAttempt(server)
  await trigger(server, 'double', 1, { idempotencyKey: 'shared' })
  const double = await worker.takeOne()
  await parent.batch([{ task: 'double', payload: 1, options: { idempotencyKey: 'shared' } }])
  await double.succeed(2)
  expect((await parent.resumed()).map(({ type, output }) => [type, output])).toContainEqual(['RUN', '2'])
})

test('two items with one task and key stand for one run, and the parent waits for ever', async ({ server }) => {
  const { worker, parent } = await parentAttempt(server)
  const same = { task: 'double', payload: 1, options: { idempotencyKey: 'twice' } }
  await parent.batch([same, same, { task: 'shout', payload: 'a' }])
  for (const run of await worker.takeMany(2)) await run.succeed('done')
  await sleep(300)
  const [batch] = server.batches()
  expect({ runs: batch?.runs.size, of: batch?.runCount, done: batch?.completedAt }).toEqual({ runs: 2, of: 3, done: undefined })
  expect((await parent.state()).snapshot.executionStatus).toBe('EXECUTING_WITH_WAITPOINTS')
})

test('an item of an unknown task fails in its place, the others run', async ({ server }) => {
  const { worker, parent } = await parentAttempt(server)
  await parent.batch([{ task: 'nowhere', payload: 0 }, { task: 'double', payload: 1 }])
  await (await worker.takeOne()).succeed(2)
  const failed = (await parent.resumed()).find(({ index }) => index === 0)
  expect(JSON.parse(failed!.output!)).toMatchObject({ code: 'BATCH_ITEM_COULD_NOT_TRIGGER', message: `Task 'nowhere' not found on locked version '${worker.version}'.` })
})

test('a batch is refused when empty, too large, or created before with the same key', async ({ server }) => {
  const create = (body: object) => request(server, '/api/v3/batches', body)
  await expect(create({ runCount: 0 })).rejects.toThrow('400 runCount must be a positive integer')
  await expect(create({ runCount: 1001 })).rejects.toThrow('400 Batch runCount of 1001 exceeds maximum allowed of 1000.')
  await create({ runCount: 1, idempotencyKey: 'key' })
  await expect(create({ runCount: 1, idempotencyKey: 'key' })).rejects.toThrow('422 Cannot create batch as it has already been created with the same idempotency key.')
})

test('items that are streamed again are passed over, and the last missing one seals the batch', async ({ server }) => {
  const { id } = await request<{ id: string }>(server, '/api/v3/batches', { runCount: 2 })
  const stream = (...indexes: number[]) => request(server, `/api/v3/batches/${id}/items`, indexes.map((index) => JSON.stringify({ index, task: 'double', payload: '1' })).join('\n'))
  expect(await stream(0)).toMatchObject({ itemsAccepted: 1, sealed: false })
  expect(await stream(0, 1)).toMatchObject({ itemsAccepted: 1, itemsDeduplicated: 1, sealed: true })
  await expect(request(server, `/api/v3/batches/${id}`.replace('v3', 'v2'))).resolves.toMatchObject({ status: 'PROCESSING', runCount: 2 })
})

test('an item above 3 MB fails in its place', async ({ server }) => {
  const { parent } = await parentAttempt(server)
  await parent.batch([{ task: 'double', payload: 'x'.repeat(3 * 1024 * 1024) }])
  const failed = (await parent.resumed()).find(({ type }) => type === 'RUN')
  expect(JSON.parse(failed!.output!)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
})

const slowly = test.extend({ options: { batchItemMs: 5_000 } })

slowly('items become runs one after the other: early ones run before late ones are there, and the batch names none until all are', async ({ server }) => {
  const { worker, parent } = await parentAttempt(server)
  const { id } = await parent.batch([{ task: 'double', payload: 1 }, { task: 'shout', payload: 'a' }])
  const seen = () => request<{ runs: string[] }>(server, `/api/v2/batches/${id}`)
  const first = await worker.takeOne()
  expect(server.runs().filter(({ task }) => task !== 'parent')).toHaveLength(1)
  expect((await seen()).runs).toEqual([])
  await first.succeed(2)
  await (await worker.takeOne()).succeed('done')
  expect((await seen()).runs).toHaveLength(2)
  expect(new Set((await parent.resumed()).filter(({ type }) => type === 'RUN').map(({ index }) => index))).toEqual(new Set([0, 1]))
})

slowly('a run that a sibling’s join made before the batch came to it belongs to the sibling, and to no batch', async ({ server }) => {
  const { worker, parent } = await parentAttempt(server)
  await parent.batch([{ task: 'double', payload: 1 }, { task: 'shout', payload: 'a', options: { idempotencyKey: 'shared' } }])
  const sibling = await worker.takeOne()
  await sibling.trigger('shout', 'a', { idempotencyKey: 'shared', resumeParentOnCompletion: true })
  const shared = await worker.takeOne()
  expect(shared.execution.batch).toBeUndefined()
  expect(shared.execution.run.parentTaskRunId).toBe(sibling.runId)
  await shared.succeed('A')
  await sibling.resumed()
  await sibling.succeed(2)
  expect(Object.fromEntries((await parent.resumed()).filter(({ type }) => type === 'RUN').map(({ index, output }) => [index, output]))).toEqual({ 0: '2', 1: '"A"' })
})

const scarce = test.extend({ options: { batchTokens: { max: 3, refill: 2, intervalMs: 300 } } })

scarce('each item of a batch takes a token; without enough the whole batch is refused, with the time when there are more', async ({ server }) => {
  const create = (runCount: number) => fetch(`${server.url}/api/v3/batches`, { method: 'POST', headers: { authorization: `Bearer ${server.secretKey}` }, body: JSON.stringify({ runCount }) })
  expect((await create(2)).status).toBe(202)
  const refused = await create(2)
  expect(refused.status).toBe(429)
  expect(Object.fromEntries(refused.headers)).toMatchObject({ 'retry-after': '1', 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '1' })
  expect(await refused.json()).toEqual({ error: expect.stringMatching(/^Batch rate limit exceeded\. Limit resets at \d{4}-/) as string })
  await expect.poll(async () => (await create(3)).status).toBe(202)
})
