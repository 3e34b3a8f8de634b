import { expect } from 'vitest'
import { trigger } from '../client/trigger-and-wait.ts'
import { request } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'

test('a key stands for its run only for its lifetime', async ({ server }) => {
  const first = await trigger(server, 'task', 0, { idempotencyKey: 'key', idempotencyKeyTTL: '10m' })
  expect(await trigger(server, 'task', 0, { idempotencyKey: 'key' })).toBe(first)
  server.advance('11m')
  expect(await trigger(server, 'task', 0, { idempotencyKey: 'key' })).not.toBe(first)
})

test('a key can be reset by hand, once', async ({ server }) => {
  const first = await trigger(server, 'task', 0, { idempotencyKey: 'key' })
  const reset = () => request(server, '/api/v1/idempotencyKeys/key/reset', { taskIdentifier: 'task' })
  expect(await reset()).toEqual({ id: 'key' })
  expect(await trigger(server, 'task', 0, { idempotencyKey: 'key' })).not.toBe(first)
  await reset()
  await expect(reset()).rejects.toThrow('404 No runs found with idempotency key: key and task: task')
})
