import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { cancel, trigger } from '../client/trigger-and-wait.ts'
import { request, startFakeWorker } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'

test('a second caller with the same key joins the run, whatever its payload', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'dependency' }])
  const first = await trigger(server, 'dependency', 1, { idempotencyKey: 'key' })
  const second = await trigger(server, 'dependency', 2, { idempotencyKey: 'key' })
  expect(second).toBe(first)
  expect((await worker.takeOne()).payload).toBe(1)
})

test('the same key on another task is another run', async ({ server }) => {
  await startFakeWorker(server, [{ id: 'one' }, { id: 'other' }])
  expect(await trigger(server, 'other', 1, { idempotencyKey: 'key' })).not.toBe(await trigger(server, 'one', 1, { idempotencyKey: 'key' }))
})

test('two parents wait for one run, and both get its output', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'parent' }, { id: 'dependency' }])
  await trigger(server, 'parent', 1)
  await trigger(server, 'parent', 2)
  const parents = await worker.take()
  const calls = await Promise.all(parents.map((parent) => parent.trigger('dependency', 0, { idempotencyKey: 'shared', resumeParentOnCompletion: true })))
  const dependency = await worker.takeOne()
  await dependency.succeed({ answer: 42 })
  const outputs = await Promise.all(parents.map(async (parent) => (await parent.resumed()).map(({ output }) => output)))
  expect(calls[0]!.id).toBe(calls[1]!.id)
  expect(outputs).toEqual([['{"answer":42}'], ['{"answer":42}']])
})

test('a late caller of a finished run goes on at once with its stored output', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'parent' }, { id: 'dependency' }])
  await trigger(server, 'dependency', 0, { idempotencyKey: 'shared' })
  await (await worker.takeOne()).succeed('stored')
  await trigger(server, 'parent', 1)
  const parent = await worker.takeOne()
  const { isCached } = await parent.trigger('dependency', 0, { idempotencyKey: 'shared', resumeParentOnCompletion: true })
  const [completed] = await parent.resumed()
  expect({ isCached, output: completed?.output, type: completed?.type }).toEqual({ isCached: true, output: '"stored"', type: 'RUN' })
})

test('a failed run gives its key back: the next caller runs the task again', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'dependency' }])
  const failed = await trigger(server, 'dependency', 0, { idempotencyKey: 'key' })
  await (await worker.takeOne()).fail()
  expect(await trigger(server, 'dependency', 0, { idempotencyKey: 'key' })).not.toBe(failed)
})

test('a cancelled run keeps its key: every later caller gets the cancelled run', async ({ server }) => {
  await startFakeWorker(server, [{ id: 'dependency' }])
  const cancelled = await trigger(server, 'dependency', 0, { idempotencyKey: 'key' })
  await cancel(server, cancelled)
  expect(await trigger(server, 'dependency', 0, { idempotencyKey: 'key' })).toBe(cancelled)
})

test('a key stands for its run only for its lifetime', async ({ server }) => {
  const first = await trigger(server, 'task', 0, { idempotencyKey: 'key', idempotencyKeyTTL: '1s' })
  expect(await trigger(server, 'task', 0, { idempotencyKey: 'key' })).toBe(first)
  await sleep(1_050)
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
