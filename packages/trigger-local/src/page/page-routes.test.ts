import { execFile } from 'node:child_process'
import { request as httpRequest } from 'node:http'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { connectTriggerLocal } from '../client/trigger-local-client.ts'
import { startFakeWorker } from '../testing/fake-worker.ts'
import { test } from '../testing/server-test.ts'

/** `fetch` sets Host and Origin by itself. */
function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => httpRequest(url, { headers }, (response) => resolve(response.resume().statusCode)).once('error', reject).end())
}

test('tells a run with its tree, payload, logs, error and states', async ({ server }) => {
  const { runs, trigger } = connectTriggerLocal(server)
  const worker = await startFakeWorker(server, [{ id: 'parent' }, { id: 'child' }])
  const { id } = await trigger('parent', { text: '<img src=x onerror=alert(1)>' }, { tags: ['one'] })
  const parent = await worker.takeOne()
  await parent.trigger('child', 0, { resumeParentOnCompletion: true })
  expect(await runs.untilWaiting(id)).toMatchObject({ isWaiting: true, status: 'EXECUTING' })
  await (await worker.takeOne()).fail()
  await parent.resumed()
  server.telemetry.logs.push({ at: new Date(0), severity: 'INFO', message: 'hello', traceId: undefined, spanId: undefined, attributes: { '$metadata.ctx.run.id': id } })
  await parent.succeed({ done: true })
  expect(await runs.retrieve(id)).toMatchObject({
    task: 'parent', status: 'COMPLETED', hasEnded: true, tags: ['one'], payload: { text: '<img src=x onerror=alert(1)>' }, output: { done: true },
    logs: [{ at: '1970-01-01T00:00:00.000Z', severity: 'INFO', message: 'hello' }],
    children: [{ task: 'child', status: 'FAILED', children: [] }],
    states: expect.arrayContaining([expect.objectContaining({ state: 'EXECUTING_WITH_WAITPOINTS', attempt: 1 })]) as unknown,
  })
  const child = (await runs.list({ all: true })).find(({ task }) => task === 'child')
  expect((await runs.retrieve(child!.id)).error).toMatchObject({ message: 'no luck' })
  expect((await runs.list()).map(({ task }) => task)).toEqual(['parent'])
})

test('tells a run and all that it made in one answer, again only once something has happened; of a list the fields of payloads that are asked for', async ({ server }) => {
  const ask = async (path: string) => (await (await fetch(`${server.url}/local/v1/${path}`, { headers: { authorization: `Bearer ${server.secretKey}` } })).json()) as { at: string; runs?: { task: string; payload: unknown; parentId?: string; logs: unknown[]; states: unknown[]; metadata: unknown }[] }
  const worker = await startFakeWorker(server, [{ id: 'parent' }, { id: 'child' }])
  const { id } = await connectTriggerLocal(server).trigger('parent', { tenantId: 't', text: 'long' })
  await (await worker.takeOne()).trigger('child', { n: 1 }, { metadata: { place: 'a' } })
  server.telemetry.logs.push({ at: new Date(0), severity: 'info', message: 'hello', traceId: undefined, spanId: undefined, attributes: { '$metadata.ctx.run.id': id, type: 'x', 'error.code': 'y', 'list.[0]': 1 } })
  const { at, runs } = await ask(`runs/${id}/tree`)
  expect(runs).toMatchObject([{ task: 'parent', logs: [{ message: 'hello', fields: { type: 'x', error: { code: 'y' }, list: [1] } }] }, { task: 'child', parentId: id, payload: { n: 1 }, metadata: { place: 'a' }, logs: [] }])
  expect(await ask(`runs/${id}/tree?since=${encodeURIComponent(at)}`)).toEqual({ at })
  await worker.takeOne()
  expect((await ask(`runs/${id}/tree?since=${encodeURIComponent(at)}`)).runs).toHaveLength(2)
  expect((await ask('runs?payload=tenantId,nothing')).runs).toMatchObject([{ task: 'parent', payload: { tenantId: 't' } }])
})

test('a run that ends without a wait is told so', async ({ server }) => {
  const { runs, trigger } = connectTriggerLocal(server)
  const worker = await startFakeWorker(server, [{ id: 'task' }])
  const { id } = await trigger('task', 0)
  await (await worker.takeOne()).succeed(1)
  await expect(runs.untilWaiting(id)).rejects.toThrow(`Run ${id} of task ended as COMPLETED and waited for nothing`)
})

test('the page runs nothing but what this server serves, and shows what runs say as text', async ({ server }) => {
  for (const path of ['/', '/page.js', '/page.css']) {
    const response = await fetch(server.url + path)
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'; script-src 'self'")
    expect(policy).not.toContain('unsafe')
    const text = await response.text()
    // The page itself holds no key, and no way to put text in as HTML.
    expect(text).not.toContain(server.secretKey)
    expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write| on\w+="/)
  }
})

test('names of others that lead here, and pages of others, are turned away', async ({ server }) => {
  const { host, port } = new URL(server.url)
  for (const [headers, status] of [
    [{ host }, 200], [{ host: `localhost:${port}` }, 200], [{ host, origin: `http://${host}` }, 200],
    [{ host: 'evil.example' }, 403], [{ host: `127.0.0.1.evil.example:${port}` }, 403], [{ host, origin: 'https://evil.example' }, 403], [{ host, origin: 'null' }, 403],
  ] as const) {
    expect([headers, await statusOf(`${server.url}/`, headers)]).toEqual([headers, status])
  }
})

test('a socket without the key is turned away', async ({ server }) => {
  const open = (headers: Record<string, string>) => statusOf(`${server.url}/socket.io/?EIO=4&transport=polling`, headers)
  expect(await open({})).toBe(403)
  expect(await open({ authorization: `Bearer ${server.secretKey}` })).toBe(200)
})

test('faults are put in and taken out again from outside, and never hit what puts them in', async ({ server }) => {
  const { fault, clearFaults, trigger } = connectTriggerLocal(server)
  await fault({ path: /./, kind: 503, times: 5 })
  await expect(trigger('task', 0)).rejects.toThrow('503')
  await clearFaults()
  await expect(trigger('task', 0)).resolves.toMatchObject({ isCached: false })
  await expect(fault({ path: /./, kind: 'gone' as 'lost' })).rejects.toThrow(`a fault's kind is one of lost, refused, 429, 500, 502, 503, not "gone"`)
  await expect(fault({ path: /./, kind: 'lost', times: 0 })).rejects.toThrow("a fault's times is a whole number above 0")
})

const run = promisify(execFile)
const hasChromium = await run('chromium', ['--version']).then(() => true, () => false)

test.skipIf(!hasChromium)('in a browser (chromium, where there is one) the page shows a run, and what strangers wrote as text', async ({ server }) => {
  const worker = await startFakeWorker(server, [{ id: 'task' }, { id: 'child' }])
  const { id } = await connectTriggerLocal(server).trigger('task', { html: '<img src=x>' })
  const attempt = await worker.takeOne()
  await attempt.trigger('child', 0)
  await attempt.fail({ type: 'BUILT_IN_ERROR', name: 'Error', message: 'why', stackTrace: '<script>why</script>' })
  // Debian's needs no sandbox where a container's root runs it.
  const { stdout } = await run('chromium', ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=2000', '--dump-dom', `${server.pageUrl}/${id}`])
  expect(stdout).toContain('&lt;script&gt;why&lt;/script&gt;')
  expect(stdout).toContain('&lt;img src=x&gt;')
  expect(stdout).toMatch(/What it made.*QUEUED<\/b> child/s)
  expect(stdout).not.toContain('<img')
})
