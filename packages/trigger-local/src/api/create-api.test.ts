import { configure, runs, tasks } from '@trigger.dev/sdk'
import { expect } from 'vitest'
import { trigger } from '../client/trigger-and-wait.ts'
import { request, startFakeWorker } from '../testing/fake-worker.ts'
import { startTriggerDevServer } from '../server/start-trigger-dev-server.ts'
import { test } from '../testing/server-test.ts'

test('the SDK triggers, polls, lists and cancels as against the cloud', async ({ server }) => {
  configure({ baseURL: server.url, accessToken: server.secretKey })
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const { id } = await tasks.trigger('task', { at: new Date(0) }, { tags: ['one'] })
  await (await worker.takeOne()).succeed({ done: true })
  expect(await runs.poll(id, { pollIntervalMs: 20 })).toMatchObject({ status: 'COMPLETED', output: { done: true }, tags: ['one'] })
  const second = await tasks.batchTrigger('task', [{ payload: 1 }, { payload: 2 }])
  // A batch becomes runs one by one.
  const listed = () => runs.list({ status: ['QUEUED'] })
  await expect.poll(async () => (await listed()).data).toHaveLength(2)
  const queued = await listed()
  expect(queued.data.map(({ taskIdentifier }) => taskIdentifier)).toEqual(['task', 'task'])
  await runs.cancel(queued.data[0]!.id)
  expect((await runs.retrieve(queued.data[0]!.id)).status).toBe('CANCELED')
  expect(second.runCount).toBe(2)
})

test('runs are listed of the last 7 days, unless another time is said', async ({ server }) => {
  configure({ baseURL: server.url, accessToken: server.secretKey })
  const { id } = await tasks.trigger('task', {})
  Object.assign(server.run(id)!, { createdAt: new Date(Date.now() - 8 * 86_400_000) })
  const listed = async (query?: Parameters<typeof runs.list>[0]) => (await runs.list(query)).data.map((run) => run.id)
  expect(await listed()).toEqual([])
  expect(await listed({ period: '9d' })).toEqual([id])
  expect(await listed({ from: new Date(Date.now() - 9 * 86_400_000) })).toEqual([id])
  expect(await listed({ from: new Date(0), to: new Date(Date.now() - 9 * 86_400_000) })).toEqual([])
})

test.for(['/api/v2/whoami', '/engine/v1/dev/config', '/local/v1/state', '/otel/v1/traces', '/otel/guessed/v1/logs'])('a caller of %s without a key is turned away, and each server has keys of its own', async (path, { server }) => {
  for (const authorization of ['', 'Bearer tr_dev_local00000000000000000000']) {
    expect((await fetch(server.url + path, { method: path.startsWith('/otel') ? 'POST' : 'GET', headers: { authorization } })).status).toBe(401)
  }
  const other = await startTriggerDevServer()
  expect(other.secretKey).not.toBe(server.secretKey)
  await other.close()
})

test('what is too large to send inline cannot be sent: there is no object store', async ({ server }) => {
  await expect(trigger(server, 'task', 'x'.repeat(600 * 1024))).rejects.toThrow('500')
  await expect(request(server, '/api/v2/packets/some/payload.json')).rejects.toThrow('500 Failed to generate presigned URL: Object store is not configured')
})

test('traces and logs arrive as plain data', async ({ server }) => {
  const attributes = [{ key: 'n', value: { intValue: '3' } }, { key: 'list', value: { arrayValue: { values: [{ boolValue: true }] } } }]
  const span = { name: 'run()', traceId: 'a', spanId: 'b', parentSpanId: '', startTimeUnixNano: '1000000', endTimeUnixNano: '3000000', attributes }
  const otel = `/otel/${server.keys.telemetryKey}/v1`
  await request(server, `${otel}/traces`, { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
  await request(server, `${otel}/logs`, { resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: '2000000', severityText: 'info', body: { stringValue: 'hello' }, attributes }] }] }] })
  expect(server.telemetry).toMatchObject({
    spans: [{ name: 'run()', parentSpanId: undefined, startedAt: new Date(1), durationMs: 2, attributes: { n: 3, list: [true] } }],
    logs: [{ at: new Date(2), severity: 'info', message: 'hello', attributes: { n: 3 } }],
  })
})
