import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TerminalError, type TracksError } from '@track-orchestrator/registry'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { selfSigned } from '../testing/self-signed.ts'
import { startWebServer, type Answer, type WebServer } from '../testing/web-server.ts'
import { downloadFile } from './download-file.ts'
import { downloadRules, type DownloadRules } from './download-rules.ts'

const certificate = selfSigned('media.test')
const content = Buffer.from(Array.from({ length: 300_000 }, (_, place) => (place * 31) % 251))
const pages: Record<string, Answer> = {
  '/file': (_, response) => void response.setHeader('content-length', content.length).end(content),
  '/chunked': (_, response) => {
    for (let at = 0; at < content.length; at += 10_000) response.write(content.subarray(at, at + 10_000))
    response.end()
  },
  '/old-style': (_, response) => {
    response.shouldKeepAlive = false
    response.useChunkedEncodingByDefault = false
    response.end(content)
  },
  '/moved': (_, response) => void response.writeHead(302, { location: 'file?X-Amz-Signature=secret' }).end('moved'),
  '/elsewhere': (_, response) => void response.writeHead(301, { location: `https://other.test:${secure.port}/file` }).end(),
  '/downgrade': (_, response) => void response.writeHead(302, { location: `http://media.test:${plain.port}/file` }).end(),
  '/never': () => {},
  '/begins': (_, response) => void response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1_000)),
}
const answer: Answer = (request, response) => {
  const path = new URL(request.url ?? '', 'http://x').pathname
  const status = /^\/status\/(\d+)$/.exec(path)?.[1]
  if (status) return void response.writeHead(Number(status)).end()
  return pages[path]?.(request, response)
}

let plain: WebServer
let secure: WebServer
let folder: string
let asked: string[]
let names = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'download-'))
  ;[plain, secure] = await Promise.all([startWebServer(answer), startWebServer(answer, certificate)])
})
afterAll(async () => {
  await Promise.all([plain.close(), secure.close(), rm(folder, { recursive: true })])
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const fetch = async (url: string, options: Partial<DownloadRules> & { sizeBytes?: number; signal?: AbortSignal } = {}) => {
  const { sizeBytes = 1_000_000, signal, ...rules } = options
  const path = join(folder, `file-${names++}`)
  asked = []
  await downloadFile(url, path, {
    sizeBytes,
    signal,
    rules: downloadRules({
      allowHttp: true,
      certificateAuthorities: certificate.cert,
      mayReach: (address, port) => address === '127.0.0.1' && (port === plain.port || port === secure.port),
      resolveHost: (host) => Promise.resolve(asked.push(host) > 0 ? ['127.0.0.1'] : []),
      ...rules,
    }),
  })
  return path
}
const http = (path: string) => `http://media.test:${plain.port}${path}`
const https = (path: string) => `https://media.test:${secure.port}${path}`
const failureOf = (url: string, options?: Parameters<typeof fetch>[1]) => fetch(url, options).then(() => expect.fail('it was fetched'), (error: TracksError) => error) // prettier-ignore

test.each([
  ['over https', () => https('/file')],
  ['over http where that is allowed', () => http('/file')],
  ['of a length that is not said', () => https('/chunked')],
  ['that ends with the connection', () => http('/old-style')],
  ['behind a redirect', () => https('/moved')],
])('A file %s comes byte by byte, readable to its owner only', async (_, url) => {
  const path = await fetch(url())
  expect((await readFile(path)).equals(content)).toBe(true)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test.each([['/file', content.length], ['/chunked', undefined]])('Of %s it is told how much has come, of %s bytes', async (page, total) => {
  const told: unknown[][] = []
  const path = join(folder, `told-of-${page.slice(1)}`)
  const rules = downloadRules({ allowHttp: true, mayReach: () => true, resolveHost: () => Promise.resolve(['127.0.0.1']) })
  await downloadFile(http(page), path, { sizeBytes: 1_000_000, rules, onProgress: (...progress) => told.push(progress) })
  expect(told.at(-1)).toEqual([content.length, total])
})

test('Each connection asks for the host once, and goes where that answer says', async () => {
  await fetch(https('/moved'))
  expect(asked).toEqual(['media.test', 'media.test'])
})

test('No proxy of the environment is used, and its word that certificates do not matter is not taken', async () => {
  for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:9')
  vi.stubEnv('NODE_USE_ENV_PROXY', '1')
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  await fetch(https('/file'))
  expect(await failureOf(https('/file'), { certificateAuthorities: selfSigned('media.test').cert })).toMatchObject({ code: 'media/download_failed', retryable: false })
})

test.each([
  ['a certificate for another host', () => `https://other.test:${secure.port}/file`, false],
  ['a redirect to such a host', () => https('/elsewhere'), false],
  ['a server without TLS', () => `https://media.test:${plain.port}/file`, false],
])('%s is not trusted', async (_, url, retryable) => {
  expect(await failureOf(url())).toMatchObject({ code: 'media/download_failed', retryable })
})

test.each([
  [404, 'media/not_found', false],
  [410, 'media/not_found', false],
  [401, 'media/download_failed', false],
  [403, 'media/download_failed', false],
  [418, 'media/download_failed', false],
  [204, 'media/download_failed', false],
  [304, 'media/download_failed', false],
  [408, 'media/download_failed', true],
  [429, 'media/download_failed', true],
  [500, 'media/download_failed', true],
  [503, 'media/download_failed', true],
])('HTTP %i is %s, retryable: %s', async (status, code, retryable) => {
  expect(await failureOf(http(`/status/${status}`))).toMatchObject({ code, retryable, message: expect.stringContaining('media.test') as string })
})

test('A host that is not known is not tried again; a resolver that is busy is', async () => {
  const failing = (code: string) => ({ resolveHost: () => Promise.reject(Object.assign(new Error('no'), { code })) })
  expect(await failureOf(http('/file'), failing('ENOTFOUND'))).toMatchObject({ code: 'media/download_failed', retryable: false })
  expect(await failureOf(http('/file'), failing('EAI_AGAIN'))).toMatchObject({ code: 'media/download_failed', retryable: true })
  expect(await failureOf(http('/file'), { resolveHost: () => Promise.resolve([]) })).toMatchObject({ code: 'media/download_failed', retryable: false })
})

test('A resolver or a server that never answers is given up, and so is the whole when its time is over', async () => {
  const slow = { code: 'media/download_failed', retryable: true }
  const before = plain.requests.length
  const late = new Promise<string[]>((resolve) => setTimeout(() => resolve(['127.0.0.1']), 200))
  expect(await failureOf(http('/file'), { connectMs: 50, resolveHost: () => late })).toMatchObject(slow)
  await late
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(plain.requests.length).toBe(before)
  expect(await failureOf(http('/never'), { stallMs: 50 })).toMatchObject(slow)
  expect(await failureOf(http('/begins'), { stallMs: 50 })).toMatchObject(slow)
  expect(await failureOf(http('/begins'), { wholeMs: 80 })).toMatchObject({ code: 'media/download_failed', retryable: false })
})

test('Cancelling ends it at any moment with the reason, and nothing is left behind', async () => {
  const before = await readdir(folder)
  const reason = new TerminalError('stopped by hand', { code: 'cancelled' })
  expect(await failureOf(http('/file'), { signal: AbortSignal.abort(reason) })).toBe(reason)
  for (const [url, rules] of [
    [http('/file'), { resolveHost: () => new Promise<never>(() => {}) }],
    [http('/never'), {}],
    [http('/begins'), {}],
  ] as const) {
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), 60)
    expect(await failureOf(url, { ...rules, signal: controller.signal })).toBe(reason)
  }
  expect(await readdir(folder)).toEqual(before)
})

test('What lies at the path already is not touched', async () => {
  const path = await fetch(http('/file'))
  names--
  expect(await failureOf(http('/chunked'))).toMatchObject({ code: 'media/download_failed' })
  expect((await readFile(path)).equals(content)).toBe(true)
})

test('No message holds a path, a query or a password', async () => {
  const urls = [
    http('/status/403?X-Amz-Signature=hidden&a=hidden'),
    http('/downgrade/hidden?x=hidden'),
    `https://hidden:hidden@media.test/hidden?hidden`,
    `http://10.0.0.1/hidden?hidden`,
    `https://media.test:${plain.port}/hidden?hidden`,
    'https://[hidden]/hidden',
  ]
  for (const url of urls) {
    const { message, cause } = await failureOf(url, { stallMs: 100 })
    expect(message).not.toContain('hidden')
    expect(cause).toBeUndefined()
  }
})

test('Https is not left for http, even where http is allowed', async () => {
  const before = plain.requests.length
  expect(await failureOf(https('/downgrade'))).toMatchObject({ code: 'media/url_refused', retryable: false })
  expect(plain.requests.length).toBe(before)
})

test.each([
  { maxRedirects: -1 },
  { maxRedirects: 21 },
  { connectMs: 0 },
  { stallMs: Number.NaN },
  { wholeMs: 86_400_001 },
  { leastBytesPerSecond: 0.5 },
])('Rules out of their bounds are refused: %j', (rules) => {
  expect(() => downloadRules(rules)).toThrow(expect.objectContaining({ code: 'definition_invalid' }))
})

test.each([
  ['transfer-encoding: gzip, chunked', ['transfer-encoding: gzip, chunked']],
  ['content-encoding: gzip', ['content-encoding: gzip', 'transfer-encoding: chunked']],
  ['content-encoding: GZIP', ['content-encoding: GZIP', 'transfer-encoding: chunked']],
  ['content-encoding: identity, br', ['content-encoding: identity, br', 'transfer-encoding: chunked']],
  ['two headers', ['content-encoding: identity', 'content-encoding: zstd', 'transfer-encoding: chunked']],
])('A file that comes compressed is refused: %s', async (_, headers) => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${headers.join('\r\n')}\r\nconnection: close\r\n\r\n4\r\nabcd\r\n0\r\n\r\n`))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  expect(await failureOf(`http://media.test:${port}/file`, { mayReach: () => true })).toMatchObject({ code: 'media/download_failed', retryable: false, message: expect.stringContaining('compressed') as string })
  await new Promise((resolve) => server.close(resolve))
})

test('A rule of another name, or an answer that is a promise, is refused', async () => {
  expect(() => downloadRules({ maxRedirect: 3 } as never)).toThrow('Did you mean "maxRedirects"?')
  expect(() => downloadRules({ mayReach: true } as never)).toThrow('mayReach must be a function')
  expect(downloadRules({ stallMs: undefined }).stallMs).toBe(30_000)
  const rules = downloadRules({ mayReach: (async () => false) as never })
  expect(() => rules.mayReach('10.0.0.1', 443)).toThrow(expect.objectContaining({ code: 'definition_invalid' }) as Error)
})
