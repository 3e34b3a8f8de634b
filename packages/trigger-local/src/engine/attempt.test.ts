import { expect } from 'vitest'
import { trigger, waitForRun } from '../client/trigger-and-wait.ts'
import { startFakeWorker } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'

const retry = { maxAttempts: 2, minTimeoutInMs: 20, maxTimeoutInMs: 20, factor: 1, randomize: false }
const killed = { type: 'INTERNAL_ERROR', code: 'TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE', message: 'Process exited with code -1 after signal SIGKILL.' } as const
const exited = { ...killed, message: 'Process exited with code 3 after signal null.' } as const

test('a failure without a proposed retry is final, however many attempts are left', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task', retry }])
  await trigger(server, 'task', 0)
  expect(await (await worker.takeOne()).fail()).toMatchObject({ attemptStatus: 'RUN_FINISHED', run: { status: 'COMPLETED_WITH_ERRORS' } })
})

test('a process that exits is retried by the task’s own settings', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task', retry }])
  await trigger(server, 'task', 0)
  expect(await (await worker.takeOne()).fail(exited)).toMatchObject({ attemptStatus: 'RETRY_QUEUED' })
  expect(await (await worker.takeOne()).fail(exited)).toMatchObject({ attemptStatus: 'RUN_FINISHED', run: { status: 'CRASHED' } })
})

test('a killed process crashes the run: it looks like lack of memory', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task', retry }])
  const id = await trigger(server, 'task', 0)
  await (await worker.takeOne()).fail(killed)
  expect(await waitForRun(server, id)).toMatchObject({ status: 'CRASHED', isFailed: true, attemptCount: 1 })
})

test('a killed process is retried where the task names a larger machine, on that machine', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task', retry: { ...retry, outOfMemory: { machine: 'medium-1x' } } }])
  await trigger(server, 'task', 0)
  await (await worker.takeOne()).fail(killed)
  expect((await worker.takeOne()).execution.machine.name).toBe('medium-1x')
})

const endings = {
  TASK_DID_CONCURRENT_WAIT: 'SYSTEM_FAILURE', MAX_DURATION_EXCEEDED: 'TIMED_OUT', TASK_OUTPUT_ERROR: 'COMPLETED_WITH_ERRORS', TASK_RUN_CRASHED: 'CRASHED',
} as const
for (const [code, status] of Object.entries(endings)) {
  test(`${code} ends a run as ${status}`, async ({ server }) => {
    const worker = await startFakeWorker(server, [{ id: 'task' }])
    await trigger(server, 'task', 0)
    const { run } = await (await worker.takeOne()).fail({ type: 'INTERNAL_ERROR', code: code as keyof typeof endings })
    expect(run.status).toBe(status)
  })
}

test('an output above 10 MB is refused, and fails the run', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const id = await trigger(server, 'task', 0)
  await expect((await worker.takeOne()).succeed('x'.repeat(10 * 1024 * 1024))).rejects.toThrow('413 Request body too large')
  expect(await waitForRun(server, id)).toMatchObject({ status: 'FAILED' })
})

test('what an attempt says of itself, its parent and its root at its end is in their metadata a moment later', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'parent' }, { id: 'child' }])
  const id = await trigger(server, 'parent', 0, { metadata: { total: 1 }, tags: ['tenant:1'] })
  const parent = await worker.takeOne()
  await parent.trigger('child', 0)
  const child = await worker.takeOne()
  const operations = [{ type: 'increment', key: 'total', value: 2 }, { type: 'append', key: 'list', value: 'a' }]
  const flushedMetadata = { dataType: 'application/super+json', data: JSON.stringify({ json: { operations: [{ type: 'set', key: 'own', value: 1 }], parentOperations: operations, rootOperations: operations } }) }
  const atItsEnd = server.until(({ type, id: ended }) => type === 'run.completed' && ended === child.runId, 120_000).then(() => server.run(child.runId)?.metadata)
  await child.succeed(0, { flushedMetadata })
  expect(parent.execution.run).toMatchObject({ tags: ['tenant:1'], metadata: { total: 1 } })
  expect(await atItsEnd).toEqual({})
  await expect.poll(() => [server.run(id)?.metadata, server.run(child.runId)?.metadata]).toEqual([{ total: 5, list: ['a', 'a'] }, { own: 1 }])
})

test('metadata above 256 KB is refused, for a run to come and for one that goes on', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const large = { text: 'x'.repeat(256 * 1024) }
  await expect(trigger(server, 'task', 0, { metadata: large })).rejects.toThrow('413')
  const id = await trigger(server, 'task', 0)
  const response = await fetch(`${server.url}/api/v1/runs/${id}/metadata`, {
    method: 'PUT', headers: { authorization: `Bearer ${server.secretKey}` }, body: JSON.stringify({ operations: [{ type: 'set', key: 'large', value: large.text }] }),
  })
  expect(response.status).toBe(413)
  await (await worker.takeOne()).succeed(0)
})
