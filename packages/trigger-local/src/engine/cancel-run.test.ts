import { expect } from 'vitest'
import { cancel, trigger, waitForRun } from '../client/trigger-and-wait.ts'
import { startFakeWorker } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'

const cancelled = { type: 'INTERNAL_ERROR', code: 'TASK_RUN_CANCELLED' } as const

test('a queued run ends at once', async ({ server }) => {
  const id = await trigger(server, 'task', 0)
  await cancel(server, id)
  expect(await waitForRun(server, id)).toMatchObject({ status: 'CANCELED', isCancelled: true, error: { message: 'Canceled by user' } })
})

test('a run in the hands of a worker ends when its process has stopped', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const id = await trigger(server, 'task', 0)
  const attempt = await worker.takeOne()
  await cancel(server, id)
  expect((await attempt.state()).snapshot.executionStatus).toBe('PENDING_CANCEL')
  expect(await attempt.fail(cancelled)).toMatchObject({ attemptStatus: 'RUN_FINISHED', run: { status: 'CANCELED' } })
})

test('what the run made is cancelled as it ends, down to the grandchildren', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'parent' }, { id: 'child' }, { id: 'grandchild' }])
  const id = await trigger(server, 'parent', 0)
  const parent = await worker.takeOne()
  await parent.trigger('child', 0, { resumeParentOnCompletion: true })
  const child = await worker.takeOne()
  const grandchild = await child.trigger('grandchild', 0)
  await cancel(server, id)
  await parent.fail(cancelled)
  expect((await child.state()).snapshot.executionStatus).toBe('PENDING_CANCEL')
  await child.fail(cancelled)
  expect(await waitForRun(server, grandchild.id)).toMatchObject({ status: 'CANCELED' })
})

test('a shared dependency falls with the run that made it; who joined it learns so as text', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'parent' }, { id: 'dependency' }])
  const first = await trigger(server, 'parent', 1)
  const maker = await worker.takeOne()
  await trigger(server, 'parent', 2)
  const joiner = await worker.takeOne()
  for (const each of [maker, joiner]) await each.trigger('dependency', 0, { idempotencyKey: 'shared', resumeParentOnCompletion: true })
  await cancel(server, first)
  await maker.fail(cancelled)
  const [outcome] = await joiner.resumed()
  expect(outcome).toMatchObject({ outputIsError: true, output: '{"type":"STRING_ERROR","raw":"Canceled by user"}' })
})
