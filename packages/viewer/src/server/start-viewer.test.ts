import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EventPage } from '../model/wire.ts'
import { openSamples } from '../testing/sample-runs.ts'
import { startViewer, type Viewer } from './start-viewer.ts'

let folder: string
let viewer: Viewer
let base: URL
const file = (name: string) => pathToFileURL(join(folder, name)).href
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viewer-server-'))
  await mkdir(join(folder, 'storage'))
  await mkdir(join(folder, 'private'))
  await writeFile(join(folder, 'storage/voice.mp3'), '0123456789')
  await writeFile(join(folder, 'storage/other.mp3'), 'of another run')
  await writeFile(join(folder, 'storage/page.html'), '<script>1</script>')
  await writeFile(join(folder, 'private/secret.mp3'), 'secret')
  await symlink(join(folder, 'private/secret.mp3'), join(folder, 'storage/link.mp3'))
  await symlink(join(folder, 'private'), join(folder, 'storage/out'))
  const samples = openSamples(join(folder, 'journal'))
  samples.release()
  await samples.begin('Reading', 'reading', { lines: [file('storage/voice.mp3'), file('storage/page.html'), file('private/secret.mp3'), file('storage/link.mp3'), file('storage/out/secret.mp3'), file('storage/none.mp3'), 'https://host/x.mp3'] })
  await samples.begin('Failing', 'failing')
  viewer = await startViewer({ source: samples.source({ mediaFolders: [join(folder, 'storage')] }) })
  base = new URL(viewer.url)
})
afterAll(async () => {
  await viewer?.close()
  await rm(folder, { recursive: true, force: true })
})

/** As written: no client that mends paths, or sets headers of its own. */
function ask(path: string, { method = 'GET', headers = {}, body }: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {}) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; text: string; json: () => any }>((resolve, reject) => {
    const asked = httpRequest({ host: '127.0.0.1', port: base.port, method, path: path.startsWith('/') ? path : base.pathname + path, headers: { host: base.host, ...headers } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text, json: (): any => JSON.parse(text) }))
    })
    asked.on('error', reject).end(body)
  })
}

describe('the address', () => {
  test('is on loopback, with a token that differs each time', async () => {
    expect(base.hostname).toBe('127.0.0.1')
    const other = await startViewer({ source: openSamples(join(folder, 'journal')).source() })
    expect(new URL(other.url).pathname).not.toBe(base.pathname)
    expect(base.pathname.length).toBeGreaterThan(30)
    await other.close()
  })

  test('that is taken is told', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((up) => server.once('listening', up))
    await expect(startViewer({ source: openSamples(join(folder, 'journal')).source(), port: (server.address() as AddressInfo).port })).rejects.toMatchObject({ code: 'viewer/port_taken' })
    server.close()
  })
})

describe('a stranger gets nothing', () => {
  const wrong = () => `/${'x'.repeat(base.pathname.length - 2)}/api/runs`
  test.each<[string, () => Parameters<typeof ask>]>([
    ['without the token', () => ['/api/runs']],
    ['without anything', () => ['/']],
    ['with a wrong token', () => [wrong()]],
    ['with the beginning of the token', () => [`${base.pathname.slice(0, -2)}/api/runs`]],
    ['by a name that points here (DNS rebinding)', () => ['api/runs', { headers: { host: `evil.example:${base.port}` } }]],
    ['by another port of this host', () => ['api/runs', { headers: { host: '127.0.0.1:1' } }]],
    ['from another origin', () => ['api/runs', { headers: { origin: 'https://evil.example' } }]],
    ['from a file, or a page in a sandbox', () => ['api/runs', { headers: { origin: 'null' } }]],
    ['from another site, which has no origin to tell', () => ['api/runs', { headers: { 'sec-fetch-site': 'cross-site' } }]],
    ['from another port', () => ['api/runs', { headers: { 'sec-fetch-site': 'same-site' } }]],
    ['with an act as a form sends it', () => ['api/runs/reading/acts', { method: 'POST', headers: { origin: base.origin, 'content-type': 'text/plain' }, body: '{"act":"fork","from":"split"}' }]],
    ['with an act of no page', () => ['api/runs/reading/acts', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"act":"fork","from":"split"}' }]],
  ])('%s', async (_how, asked) => {
    const { status, text, headers } = await ask(...asked())
    expect(status).toBe(403)
    expect(text).not.toMatch(/reading|acme|Reading/)
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  test.each(['api/runs/..%2freading', 'api/runs/../../etc/passwd', 'api/runs/%2e%2e', 'api/runs/reading/values/..%2f1.input', '..%2fpackage.json', 'page.js.map', 'api/runs/%00', 'api/runs/%', 'api/__proto__', 'constructor', 'api/runs/reading/values/1.constructor'])('who asks for %s', async (path) => {
    const { status, text } = await ask(path)
    expect(status).toBe(404)
    expect(text).not.toMatch(/root:|at .*\.ts/)
  })

  test('for methods that are none of it', async () => {
    expect((await ask('api/runs', { method: 'DELETE' })).status).toBe(405)
    expect((await ask('api/runs', { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' } })).status).toBe(403)
  })
})

test('every answer says what the page may do: nothing of another origin, no inline script, no frame', async () => {
  for (const path of ['', 'page.js', 'page.css', 'api/runs', 'nothing', '/']) {
    const { headers } = await ask(path)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'.*require-trusted-types-for 'script'/)
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin', 'cache-control': 'no-store' })
  }
  const { text } = await ask('')
  expect(text).not.toMatch(/<script(?![^>]*src=)| style=|(?:src|href)="https?:/)
})

describe('the data', () => {
  test('are runs, a run, its events and its values', async () => {
    expect((await ask('api/runs?text=reading')).json().runs).toMatchObject([{ runId: 'reading' }])
    expect((await ask('api/runs/reading')).json()).toMatchObject({ runId: 'reading', status: 'succeeded', acts: [{ act: 'fork' }] })
    const { events } = (await ask('api/runs/reading/events')).json() as EventPage
    const split = events.find((event) => event.type === 'call.succeeded' && event.path.endsWith('split')) as { output: string }
    expect((await ask(`api/runs/reading/values/${split.output}`)).json().value).toHaveProperty('lines')
  })

  test('that are asked for wrongly say what is allowed', async () => {
    expect(await ask('api/runs?limit=0')).toMatchObject({ status: 400, text: expect.stringContaining('1 to 500') as string })
    expect(await ask('api/runs?status=fine')).toMatchObject({ status: 400, text: expect.stringContaining('running, interrupted') as string })
    expect(await ask('api/compare?before=reading')).toMatchObject({ status: 400, text: expect.stringContaining('after') as string })
    expect((await ask('api/runs/none')).json()).toMatchObject({ error: { code: 'viewer/unknown_run' } })
  })

  test('stream: a browser that lost the connection goes on behind the last event that it has', async () => {
    const firstOf = (lastEventId: string) =>
      new Promise<string>((resolve, reject) => {
        const asked = httpRequest({ host: '127.0.0.1', port: base.port, path: `${base.pathname}api/runs/reading/stream`, headers: { host: base.host, ...(lastEventId !== '' && { 'last-event-id': lastEventId }) } }, (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk
            if (!text.includes('event: run')) return
            asked.destroy()
            resolve(text)
          })
        })
        asked.on('error', (error) => (asked.destroyed ? undefined : reject(error))).end()
      })
    const [, id] = /^id: (\d+)$/m.exec(await firstOf(''))!
    expect(await firstOf(id!)).not.toContain('event: events')
    expect(await firstOf(String(Number(id) - 1))).toMatch(/event: events\ndata: \{"events":\[\{[^{]*"type":"run.ended"/)
  })

  test('are acted upon by the page only where the run stands so', async () => {
    const act = (runId: string, body: string) => ask(`api/runs/${runId}/acts`, { method: 'POST', headers: { origin: base.origin, 'content-type': 'application/json' }, body })
    expect(await act('reading', '{"act":"cancel"}')).toMatchObject({ status: 409, text: expect.stringContaining('viewer/act_refused') as string })
    for (const body of ['{"act":"delete"}', '', '[]', 'null', '{"act":"fork","set":[]}', '{"act":"fork","from":7}', '{"act":"answer"}']) expect((await act('reading', body)).status).toBe(400)
    expect(await act('reading', '{"act":"answer","step":"join","value":true}')).toMatchObject({ status: 409, text: expect.stringContaining('approval/not_asked') as string })
    expect((await act('reading', '{"act":"fork","from":"join"}')).status).toBe(400) // two steps are called so
    expect((await act('reading', '{"act":"fork","from":"speak"}')).json()).toEqual({ runId: 'reading-fork' })
    expect((await ask('api/runs/reading-fork')).json()).toMatchObject({ status: 'succeeded', forkOf: 'reading' })
  })
})

describe('a file', () => {
  const media = async (url: string, headers: Record<string, string> = {}, method = 'GET') => {
    const { events } = (await ask('api/runs/reading/events')).json() as EventPage
    const split = events.find((event) => event.type === 'call.succeeded' && event.path.endsWith('split')) as { output: string }
    return ask(`api/runs/reading/media?value=${split.output}&url=${encodeURIComponent(url)}`, { headers, method })
  }

  test('that the run refers to is played, in whole or in part', async () => {
    expect(await media(file('storage/voice.mp3'))).toMatchObject({ status: 200, text: '0123456789', headers: { 'content-type': 'audio/mpeg', 'accept-ranges': 'bytes', 'content-security-policy': "default-src 'none'; sandbox" } })
    for (const [range, text, told] of [['bytes=2-4', '234', 'bytes 2-4/10'], ['bytes=8-', '89', 'bytes 8-9/10'], ['bytes=-3', '789', 'bytes 7-9/10'], ['bytes=0-99', '0123456789', 'bytes 0-9/10']] as const) expect(await media(file('storage/voice.mp3'), { range })).toMatchObject({ status: 206, text, headers: { 'content-range': told } })
    expect((await media(file('storage/voice.mp3'), { range: 'bytes=10-' })).status).toBe(416)
    expect((await media(file('storage/voice.mp3'), { range: 'bytes=0-1,4-5' })).status).toBe(200)
    expect(await media(file('storage/voice.mp3'), {}, 'HEAD')).toMatchObject({ status: 200, text: '', headers: { 'content-length': '10' } })
  })

  test.each(['storage/other.mp3', 'storage/page.html', 'private/secret.mp3', 'storage/link.mp3', 'storage/out/secret.mp3', 'storage/none.mp3', 'storage/../private/secret.mp3', 'storage/%2e%2e/private/secret.mp3'])('%s is refused: of another run, outside, behind a link, gone, or no media', async (name) => {
    const { status, text } = await media(file('').replace(/\/$/, '') + '/' + name)
    expect(status).toBe(403)
    expect(text).toContain('viewer/media_refused')
    expect(text).not.toContain('secret"')
  })

  test.each(['https://host/x.mp3', 'file://evil.example/share/x.mp3', 'data:text/html,x', 'one', 'file:///etc/passwd'])('%s is fetched from nowhere', async (url) => {
    expect((await media(url)).status).toBe(403)
  })
})
