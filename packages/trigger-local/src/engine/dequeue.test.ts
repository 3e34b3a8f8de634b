import { expect } from 'vitest'
import { cancel, trigger, waitForRun } from '../client/trigger-and-wait.ts'
import { startFakeWorker } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'

const one = [{ id: 'task', queue: { name: 'narrow', concurrencyLimit: 1 } }, { id: 'other', queue: { name: 'narrow', concurrencyLimit: 1 } }]

test('a queue lets through no more than its limit, whichever task they are of', async ({ server }) => {
  const worker = await startFakeWorker(server, one)
  await trigger(server, 'task', 1)
  await trigger(server, 'other', 2)
  const first = await worker.takeOne()
  expect(await worker.take()).toEqual([])
  await first.succeed(0)
  expect((await worker.takeOne()).payload).toBe(2)
})

test('the limit holds for each concurrency key by itself', async ({ server }) => {
  const worker = await startFakeWorker(server, one)
  for (const concurrencyKey of ['a', 'a', 'b']) await trigger(server, 'task', concurrencyKey, { concurrencyKey })
  expect((await worker.take()).map(({ payload }) => payload)).toEqual(['a', 'b'])
})

test('a run that waits keeps its slot: a child on its parent’s queue is never begun', async ({ server }) => {
  const worker = await startFakeWorker(server, one)
  await trigger(server, 'task', 0)
  const parent = await worker.takeOne()
  await parent.trigger('other', 0, { resumeParentOnCompletion: true })
  expect(await worker.take()).toEqual([])
})

test('a run that is being cancelled gives its slot back at once', async ({ server }) => {
  const worker = await startFakeWorker(server, one)
  const id = await trigger(server, 'task', 1)
  await trigger(server, 'task', 2)
  await worker.takeOne()
  await cancel(server, id)
  expect((await worker.takeOne()).payload).toBe(2)
})

test('the whole environment takes no more runs than it has room for', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  for (let n = 0; n < 7; n += 1) await trigger(server, 'task', n)
  expect(await worker.take()).toHaveLength(5)
})

test('priority counts as seconds of age', async ({ server }) => {
  const worker = await startFakeWorker(server, one)
  await trigger(server, 'task', 'first')
  await trigger(server, 'task', 'urgent', { priority: 10 })
  expect((await worker.takeOne()).payload).toBe('urgent')
})

test('a delayed run is not begun before its time', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const id = await trigger(server, 'task', 0, { delay: new Date(Date.now() + 200).toISOString() })
  expect({ taken: await worker.take(), status: server.run(id)?.status }).toEqual({ taken: [], status: 'DELAYED' })
  expect((await worker.takeOne()).runId).toBe(id)
})

test('a run that nobody begins in its time to live expires', async ({ server }) => {
  const id = await trigger(server, 'task', 0, { ttl: '1s' })
  expect(await waitForRun(server, id, 3_000)).toMatchObject({ status: 'EXPIRED', error: { message: 'Run expired because the TTL (1s) was reached' } })
})

test('a run of an unknown task waits for a version that has it', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const id = await trigger(server, 'later', 0)
  expect(await worker.take()).toEqual([])
  expect(server.run(id)?.status).toBe('PENDING_VERSION')
  const newer = await startFakeWorker(server, [{ id: 'later' }])
  expect((await newer.takeOne()).execution.run.version).toBe(newer.version)
})

test('a caller that is locked to a version may name only queues and tasks of it', async ({ server }) => {
  const { version } = await startFakeWorker(server, one)
  const locked = (task: string, options: object) => trigger(server, task, 0, { lockToVersion: version, ...options })
  await expect(locked('task', { queue: { name: 'wide' } })).rejects.toThrow(`Specified queue 'wide' not found or not associated with locked version '${version}'.`)
  await expect(locked('nowhere', {})).rejects.toThrow(`Task 'nowhere' not found on locked version '${version}'.`)
})
