import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { cancel, trigger, waitForRun } from '../client/trigger-and-wait.ts'
import { request, startFakeWorker } from '../testing/fake-worker.ts'
import { test as base } from '../testing/server-test.ts'

// Longer where a run is to live: the test acts on it meanwhile, on a machine that may be busy.
const test = base.extend({ options: { stallTimes: { PENDING_EXECUTING: 3_000, PENDING_CANCEL: 300, EXECUTING: 3_000, EXECUTING_WITH_WAITPOINTS: 300, SUSPENDED: 300 } } })
const dequeue = '/engine/v1/dev/dequeue'
const cancelled = { type: 'INTERNAL_ERROR', code: 'TASK_RUN_CANCELLED' } as const

test('a run that was taken and never begun goes back into its queue', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const id = await trigger(server, 'task', 0)
  await expect.poll(() => request<{ dequeuedMessages: unknown[] }>(server, dequeue, {})).toMatchObject({ dequeuedMessages: [{}] })
  expect((await worker.takeOne()).runId).toBe(id)
})

test('a run without a sign of life is ended, as in development, and one with some goes on', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const silent = await trigger(server, 'task', 0)
  await worker.takeOne()
  const alive = await trigger(server, 'task', 1)
  const attempt = await worker.takeOne()
  const { snapshot } = await attempt.state()
  while (server.run(silent)!.status === 'EXECUTING') {
    await sleep(100)
    await request(server, `/engine/v1/dev/runs/${alive}/snapshots/${snapshot.friendlyId}/heartbeat`, {})
  }
  expect(await waitForRun(server, silent)).toMatchObject({ status: 'CANCELED', error: { message: expect.stringContaining('TASK_RUN_STALLED_EXECUTING') as string } })
  expect(server.run(alive)!.status).toBe('EXECUTING')
})

test('a run cancelled between dequeue and start ends late: no process ever reports it stopped', async ({ server }) => {
  await startFakeWorker(server, [{ id: 'task' }])
  const id = await trigger(server, 'task', 0)
  const { dequeuedMessages: [message] } = await request<{ dequeuedMessages: { snapshot: { friendlyId: string } }[] }>(server, dequeue, {})
  const at = Date.now()
  await cancel(server, id)
  await expect(request(server, `/engine/v1/dev/runs/${id}/snapshots/${message!.snapshot.friendlyId}/attempts/start`, {})).rejects.toThrow('409')
  expect(await waitForRun(server, id)).toMatchObject({ status: 'CANCELED' })
  expect(Date.now() - at).toBeGreaterThan(250)
})

test('an outcome is refused while the worker has not heard of a cancellation, and the run ends late', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const id = await trigger(server, 'task', 0)
  const { snapshot } = await (await worker.takeOne()).state()
  await cancel(server, id)
  const completion = { id, ok: true, output: '1', outputType: 'application/json' }
  await expect(request(server, `/engine/v1/dev/runs/${id}/snapshots/${snapshot.friendlyId}/attempts/complete`, { completion })).rejects.toThrow("500 Snapshot ID doesn't match")
  expect(await waitForRun(server, id)).toMatchObject({ status: 'CANCELED' })
})

test('a wait that begins on the heels of a cancellation leaves the run cancelled without an end', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const token = await request<{ id: string }>(server, '/api/v1/waitpoints/tokens', {})
  const id = await trigger(server, 'task', 0)
  const attempt = await worker.takeOne()
  await cancel(server, id)
  await attempt.waitFor(token.id)
  expect((await attempt.state()).snapshot.executionStatus).toBe('SUSPENDED')
  await sleep(1_000)
  expect(await request(server, `/api/v3/runs/${id}`)).toMatchObject({ status: 'CANCELED', isCompleted: true })
  expect(server.run(id)!.completedAt).toBeUndefined()
  await attempt.fail(cancelled)
})
