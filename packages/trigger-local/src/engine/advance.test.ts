import { expect } from 'vitest'
import { trigger, waitForRun } from '../client/trigger-and-wait.ts'
import { request, startFakeWorker } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'

const daysMs = 24 * 60 * 60 * 1_000
const inDays = (days: number) => new Date(Date.now() + days * daysMs).toISOString()

test('a wait of 30 days is over when time is moved on by 30 days, and not by 29', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  await trigger(server, 'task', 0)
  const attempt = await worker.takeOne()
  await request(server, `/engine/v1/runs/${attempt.runId}/wait/duration`, { date: inDays(30) })
  server.advance('29d')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect((await attempt.state()).snapshot.executionStatus).toBe('EXECUTING_WITH_WAITPOINTS')
  server.advance('1d')
  expect((await attempt.resumed())[0]).toMatchObject({ type: 'DATETIME' })
})

test('delays, times to live, timeouts of tokens and lifetimes of keys come nearer', async ({ server }) => {
  const delayed = await trigger(server, 'task', 0, { delay: inDays(7), idempotencyKey: 'kept', idempotencyKeyTTL: '10d' })
  const waiting = await trigger(server, 'task', 0, { ttl: '5d' })
  const token = await request<{ id: string }>(server, '/api/v1/waitpoints/tokens', { timeout: '6d' })
  server.advance('8d')
  await expect.poll(() => server.run(delayed)?.status).toBe('PENDING')
  expect(await waitForRun(server, waiting)).toMatchObject({ status: 'EXPIRED' })
  await expect.poll(() => request(server, `/api/v1/waitpoints/tokens/${token.id}`)).toMatchObject({ status: 'TIMED_OUT' })
  expect(await trigger(server, 'task', 0, { idempotencyKey: 'kept' })).toBe(delayed)
  server.advance('3d')
  expect(await trigger(server, 'task', 0, { idempotencyKey: 'kept' })).not.toBe(delayed)
})

test('what is due comes in its order, however far time is moved on', async ({ server }) => {
  const ids: string[] = []
  for (const days of [300, 100, 200]) ids.push(await trigger(server, 'task', days, { delay: inDays(days) }))
  server.advance('365d')
  await expect.poll(() => ids.every((id) => server.run(id)?.status === 'PENDING')).toBe(true)
  const queued = server.events.filter(({ executionStatus }) => executionStatus === 'QUEUED').map(({ id }) => server.run(id!)?.payload)
  expect(queued).toEqual(['100', '200', '300'])
})

test('a run whose process works is not taken for one that stands still, and a retry in the queue comes at once', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task', retry: { maxAttempts: 2, minTimeoutInMs: 1_000, maxTimeoutInMs: 1_000, factor: 1 } }])
  const id = await trigger(server, 'task', 0)
  const attempt = await worker.takeOne()
  server.advance('30d')
  expect(server.run(id)?.status).toBe('EXECUTING')
  await attempt.fail(undefined, { delay: 600_000 })
  expect(await worker.take()).toEqual([])
  server.advance('10m')
  expect((await worker.takeOne()).number).toBe(2)
})

test('the bucket of batch tokens is filled by the time that passed', async ({ server }) => {
  const create = (runCount: number) => request(server, '/api/v3/batches', { runCount })
  await create(1_000)
  await expect(create(300)).rejects.toThrow('429')
  server.advance('20s')
  await expect(create(300)).resolves.toBeDefined()
})

test.for(['soon', '-1d', 0, Number.NaN])('%s is no duration', (given, { server }) => {
  expect(() => server.advance(given)).toThrow('Not a duration')
})
