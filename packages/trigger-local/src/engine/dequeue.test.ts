import { describe, expect } from 'vitest'
import { cancel, trigger, waitForRun } from '../client/trigger-and-wait.ts'
import type { TriggerDevServer } from '../server/start-trigger-dev-server.ts'
import { startFakeWorker } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'

const one = [{ id: 'task', queue: { name: 'narrow', concurrencyLimit: 1 } }, { id: 'other', queue: { name: 'narrow', concurrencyLimit: 1 } }]

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
  const id = await trigger(server, 'task', 0, { delay: new Date(Date.now() + 3_600_000).toISOString() })
  expect({ taken: await worker.take(), status: server.run(id)?.status }).toEqual({ taken: [], status: 'DELAYED' })
  server.advance('1h')
  expect((await worker.takeOne()).runId).toBe(id)
})

test('a run that nobody begins in its time to live expires', async ({ server }) => {
  const id = await trigger(server, 'task', 0, { ttl: '1s' })
  expect(await waitForRun(server, id)).toMatchObject({ status: 'EXPIRED', error: { message: 'Run expired because the TTL (1s) was reached' } })
})

test('a run of an unknown task waits for a version that has it', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const id = await trigger(server, 'later', 0)
  expect(await worker.take()).toEqual([])
  expect(server.run(id)?.status).toBe('PENDING_VERSION')
  const newer = await startFakeWorker(server, [{ id: 'later' }])
  expect((await newer.takeOne()).execution.run.version).toBe(newer.version)
})

describe('limits of tasks', () => {
  const shared = [{ name: 'shared', total: 1 }]
  const limited = [{ id: 'task', concurrency: { inline: { perKey: 1, total: 2 } } }, { id: 'one', concurrency: { limits: ['shared'] } }, { id: 'two', concurrency: { limits: ['shared'] } }, { id: 'free' }]
  const taken = async (server: TriggerDevServer, calls: readonly (readonly [string, object?])[]) => {
    const worker = await startFakeWorker(server, limited, undefined, { concurrencyLimits: shared })
    for (const [task, options] of calls) await trigger(server, task, task, options)
    return worker.take()
  }
  const four = ['a', 'a', 'b', 'c'].map((concurrencyKey) => ['task', { concurrencyKey }] as const)

  test('hold for each key and for all keys, from version 4.7 on', async ({ server }) => {
    server.version = '4.8.3'
    expect(await taken(server, four)).toHaveLength(2)
  })

  test('are passed over by a version before 4.7, which limits nothing', async ({ server }) => {
    expect(await taken(server, four)).toHaveLength(4)
  })

  test('with a name are shared by the tasks that name them, and by runs whose caller names them', async ({ server }) => {
    server.version = '4.8.3'
    expect((await taken(server, [['one'], ['two'], ['free', { concurrency: ['shared'] }]])).map(({ payload }) => payload)).toEqual(['one'])
  })

  test('with a name that nobody has declared are refused', async ({ server }) => {
    server.version = '4.8.3'
    await expect(taken(server, [['free', { concurrency: ['nowhere'] }]])).rejects.toThrow("Concurrency limit 'nowhere' not found.")
  })
})
