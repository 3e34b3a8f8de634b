import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { trigger } from '../client/trigger-and-wait.ts'
import { connectTriggerLocal } from '../client/trigger-local-client.ts'
import { startTriggerDevServer, type TriggerDevServer } from '../server/start-trigger-dev-server.ts'
import { request, startFakeWorker } from '../testing/fake-worker.ts'

let folder: string
let server: TriggerDevServer
const start = async () => (server = await startTriggerDevServer({ stateFile: join(folder, 'state.json'), log: (line) => console.error(line) }))
const restart = async () => {
  await server.close()
  return start()
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trigger-local-'))
  await start()
})
afterEach(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

test('runs that ended are there after a restart: payload, output, error, tree, logs; so are the keys', async () => {
  const worker = await startFakeWorker(server, [{ id: 'parent' }, { id: 'child' }])
  const { secretKey } = server
  const id = await trigger(server, 'parent', { n: 1 }, { tags: ['one'], metadata: { createdAt: '2026-01-01T00:00:00.000Z' } })
  const parent = await worker.takeOne()
  await parent.batch([{ task: 'child', payload: 2 }, { task: 'child', payload: 3 }])
  for (const child of await worker.takeMany(2)) await (child.payload === 2 ? child.succeed('two') : child.fail())
  await parent.resumed()
  await parent.succeed({ done: true })
  server.telemetry.logs.push({ at: new Date(0), severity: 'INFO', message: 'kept', traceId: undefined, spanId: undefined, attributes: { '$metadata.ctx.run.id': id } })
  const seen = await connectTriggerLocal(server).runs.retrieve(id)
  const told = await request(server, `/api/v3/runs/${id}`)

  await restart()
  expect(server.secretKey).toBe(secretKey)
  expect(await connectTriggerLocal(server).runs.retrieve(id)).toEqual(seen)
  expect(await request(server, `/api/v3/runs/${id}`)).toEqual(told)
  expect(seen).toMatchObject({ children: [{ status: 'COMPLETED' }, { status: 'FAILED' }], logs: [{ message: 'kept' }] })
  expect((await request<{ runs: string[] }>(server, `/api/v2/batches/${server.batches()[0]!.friendlyId}`)).runs).toHaveLength(2)
})

test('what waits in a queue or for its time goes on after a restart, and what came due meanwhile comes at once', async () => {
  const queued = await trigger(server, 'task', 'queued')
  const delayed = await trigger(server, 'task', 'delayed', { delay: new Date(Date.now() + 200).toISOString() })
  const later = await trigger(server, 'task', 'later', { delay: new Date(Date.now() + 86_400_000).toISOString() })
  const expiring = await trigger(server, 'none', 'expiring', { ttl: '1s' })
  const token = await request<{ id: string }>(server, '/api/v1/waitpoints/tokens', { timeout: new Date(Date.now() + 200).toISOString(), idempotencyKey: 'token' })
  await server.close()
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  await start()

  const worker = await startFakeWorker(server, [{ id: 'task' }])
  expect((await worker.takeMany(2)).map(({ runId }) => runId).toSorted()).toEqual([queued, delayed].toSorted())
  expect(server.run(later)?.status).toBe('DELAYED')
  await expect.poll(() => server.run(expiring)?.status).toBe('EXPIRED')
  expect(await request(server, `/api/v1/waitpoints/tokens/${token.id}`)).toMatchObject({ status: 'TIMED_OUT' })
  expect(await request(server, '/api/v1/waitpoints/tokens', { idempotencyKey: 'token' })).toMatchObject({ id: token.id, isCached: true })
  server.advance('1d')
  expect((await worker.takeOne()).runId).toBe(later)
})

test('a run in the hands of a process ends as when trigger dev dies: cancelled, what it made too, and its key is kept', async () => {
  const worker = await startFakeWorker(server, [{ id: 'parent' }, { id: 'child' }])
  const id = await trigger(server, 'parent', 0, { idempotencyKey: 'kept' })
  const parent = await worker.takeOne()
  const child = await parent.trigger('child', 0, { resumeParentOnCompletion: true })

  await restart()
  for (const run of [id, child.id]) expect(await request(server, `/api/v3/runs/${run}`)).toMatchObject({ status: 'CANCELED', error: { message: 'Dev session ended (CLI exited)' }, finishedAt: expect.any(String) as string })
  expect(await trigger(server, 'parent', 0, { idempotencyKey: 'kept' })).toBe(id)
})

test('the file follows soon after a change, and is readable by its owner only', async () => {
  const file = join(folder, 'state.json')
  const id = await trigger(server, 'task', 'x')
  await expect.poll(() => { try { return readFileSync(file, 'utf8') } catch { return '' } }).toContain(id)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test.for(['not JSON', '{"format":2}'])('a file that is something else (%s) is refused, and left as it is', async (text) => {
  const stateFile = join(folder, 'other.json')
  writeFileSync(stateFile, text)
  await expect(startTriggerDevServer({ stateFile })).rejects.toThrow('other.json is no state of trigger-local')
  expect(readFileSync(stateFile, 'utf8')).toBe(text)
})
