import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cancel as cancelByHand, startTriggerDevServer, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import { configure, runs } from '@trigger.dev/sdk'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createClient } from './create-client.ts'

const payload = { tenantId: 't', projectId: 'p', text: 'one two' }
const client = createClient<{ tracks: { counting: { name: 'Counting'; tasks: [] } } }>()
const thrownBy = (promise: Promise<unknown>) => promise.then(() => 'nothing', (error: unknown) => error)
const pollMs = 100

/** The SDK asks again as often as it does by default, only sooner. */
const requestOptions = { retry: { maxAttempts: 3, minTimeoutInMs: 10, maxTimeoutInMs: 20 } }

// A server that no worker serves: runs are created, and wait.
let server: TriggerDevServer
beforeAll(async () => {
  server = await startTriggerDevServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.faults.splice(0)
  configure({ baseURL: server.url, accessToken: server.secretKey, requestOptions })
})

test.each(['lost', 'refused', 500, 502] as const)('one run is started where the answer is %s', async (kind) => {
  const before = server.runs().length
  server.faults.push({ method: 'POST', path: /tasks\/Counting\/trigger$/, kind })
  const { id } = await client.trigger('Counting', payload)
  expect(server.runs().slice(before).map(({ friendlyId }) => friendlyId)).toEqual([id])
})

test.each([
  ['two runs where it is asked twice', {}, 2],
  ['two runs where the key is undefined', { idempotencyKey: undefined as never }, 2],
  ['one run for the same key of the caller', { idempotencyKey: 'mine' }, 1],
])('starts %s', async (_, options, count) => {
  const started = [await client.trigger('Counting', payload, options), await client.trigger('Counting', payload, options)]
  expect(new Set(started.map(({ id }) => id)).size).toBe(count)
})

test('under a runKey one run is started, also where the answer is lost; after one that was cancelled, another, the same for all who ask', async () => {
  const start = (more: object = {}, of: object = {}) => client.trigger('Counting', { ...payload, ...of }, { runKey: 'order 7', ...more })
  server.faults.push({ method: 'POST', path: /tasks\/Counting\/trigger$/, kind: 'lost' })
  const first = await start()
  expect(await Promise.all([start({ tags: ['again'] }), start({}, { projectId: 'other', text: 'else' })])).toEqual([first, first])
  const others = [await start({ runKey: 'order 8' }), await start({}, { tenantId: 'other' }), await client.trigger('Counting', payload)]
  expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(4)
  await client.cancel(first)
  const second = await start()
  expect(second).not.toEqual(first)
  expect(await Promise.all([start(), start()])).toEqual([second, second])
  await client.cancel(second)
  const third = await Promise.all([start(), start()])
  expect(third).toEqual([third[0], third[0]])
  expect([first.id, second.id]).not.toContain(third[0].id)
})

test('a runKey holds for its time', async () => {
  const start = () => client.trigger('Counting', payload, { runKey: 'short', runKeyTtlMs: 600_000 })
  const first = await start()
  expect(await start()).toEqual(first)
  server.advance('11m')
  expect(await start()).not.toEqual(first)
})

test.each([
  ['an empty key', { runKey: '' }, /runKey/],
  ['a time that is none', { runKey: 'a', runKeyTtlMs: 0.5 }, /runKeyTtlMs/],
  ['another key beside it', { runKey: 'a', idempotencyKey: 'b' }, /idempotencyKey/],
])('refuses %s', async (_, options, message) => {
  expect(await thrownBy(client.trigger('Counting', payload, options))).toMatchObject({ code: 'definition_invalid', message: expect.stringMatching(message) as string })
})

test('one run is resumed, and one cancelled, where the answer is lost', async () => {
  const first = await client.trigger('Counting', payload)
  const before = server.runs().length
  server.faults.push({ method: 'POST', path: /tasks\/Counting\/trigger$/, kind: 'lost' })
  const second = await client.resume(first, { metadata: { own: 1 } })
  expect(server.runs()).toHaveLength(before + 1)
  expect(server.run(second.id)).toMatchObject({ metadata: { own: 1, trackOrchestrator: { resumeOf: first.id } } })
  server.faults.push({ method: 'POST', path: /cancel$/, kind: 'lost' })
  await client.cancel(second)
  expect(await client.retrieve(second)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
})

test('a fork hands on the payload of its run, and tells in metadata from where on it does what anew; what is set without a step changes the payload', async () => {
  const first = await client.trigger('Counting', payload)
  const fork = await client.fork(first, { from: 'count', set: { text: 'three' } }, { metadata: { own: 1 } })
  expect(server.run(fork.id)).toMatchObject({ metadata: { own: 1, trackOrchestrator: { forkOf: { runId: first.id, from: 'count', set: { text: 'three' } } } } })
  expect((await runs.retrieve(fork.id)).payload).toEqual(payload)
  const changed = await client.fork(first, { set: { text: 'three' } })
  expect(server.run(changed.id)).toMatchObject({ metadata: { trackOrchestrator: { resumeOf: first.id } } })
  expect((await runs.retrieve(changed.id)).payload).toEqual({ ...payload, text: 'three' })
  expect(await thrownBy(client.fork(first, { from: 'count', set: { text: 'x'.repeat(70_000) } }))).toMatchObject({ code: 'payload_too_large', message: expect.stringMatching(/set is 700\d\d bytes/) as string })
  expect(await thrownBy(client.fork(first, { form: 'count' } as never))).toMatchObject({ code: 'definition_invalid', message: expect.stringMatching(/Did you mean "from"/) as string })
})

test('a run is followed to its end through moments in which Trigger.dev is away or wants time', async () => {
  const run = await client.trigger('Counting', payload)
  const seen: string[] = []
  for await (const { status } of client.subscribe(run, { pollMs })) {
    seen.push(status)
    server.faults.push({ method: 'GET', path: /runs/, kind: 'refused', times: 4 }, { method: 'GET', path: /runs/, kind: 503, times: 4 }, { method: 'GET', path: /runs/, kind: 429, retryAfter: 1, times: 3 })
    if (seen.length === 1) await cancelByHand(server, run.id)
  }
  expect(seen).toEqual(['queued', 'cancelled'])
})

test('following ends at its time limit though Trigger.dev is away', async () => {
  const run = await client.trigger('Counting', payload)
  server.faults.push({ method: 'GET', path: /runs/, kind: 503, times: 1_000 })
  expect(await thrownBy(client.wait(run, { pollMs, timeoutMs: 1_500 }))).toMatchObject({ code: 'provider_failed', status: 503, retryable: true })
})

test('a run that was not begun in its time to live is told from one that failed', async () => {
  const run = await client.trigger('Counting', payload, { ttl: '1s' })
  expect(await thrownBy(client.wait(run, { pollMs }))).toMatchObject({ code: 'engine/run_expired' })
  expect(await client.retrieve(run)).toMatchObject({ triggerStatus: 'EXPIRED' })
})

test('what Trigger.dev refuses says what was asked, and what to check', async () => {
  expect(await thrownBy(client.retrieve('run_none'))).toMatchObject({ code: 'client/not_found', retryable: false, message: expect.stringMatching(/tell of run_none.*Check/) as string })
  configure({ baseURL: server.url, accessToken: 'tr_dev_wrong', requestOptions })
  expect(await thrownBy(client.trigger('Counting', payload))).toMatchObject({ code: 'client/unauthorized', message: expect.stringMatching(/start Counting.*TRIGGER_SECRET_KEY/) as string })
})

test.each([
  ['a page of a proxy', '<html>Sign in</html>'],
  ['half an answer', '{"id":"run_'],
  ['an answer of something else', '{"ok":true}'],
])('an answer that says nothing is asked for again, with the same key: %s', async (_, body) => {
  const keys: unknown[] = []
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    keys.push((JSON.parse(Buffer.concat(chunks).toString()) as { options: { idempotencyKey: string } }).options.idempotencyKey)
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  configure({ baseURL: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, accessToken: 'tr_dev_any', requestOptions })
  try {
    expect(await thrownBy(client.trigger('Counting', payload))).toMatchObject({ code: 'provider_failed', retryable: true, message: expect.stringMatching(/start Counting.*could not be read/) as string })
    expect(keys).toEqual([expect.any(String), keys[0], keys[0]])
  } finally {
    http.closeAllConnections()
    http.close()
  }
})

test('no answer at all is told as what may pass', async () => {
  configure({ baseURL: 'http://127.0.0.1:1', accessToken: 'tr_dev_any', requestOptions })
  expect(await thrownBy(client.retrieve('run_1'))).toMatchObject({ code: 'provider_failed', retryable: true })
})
