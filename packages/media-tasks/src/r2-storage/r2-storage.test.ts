import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { startR2Local, type R2Local } from '@track-orchestrator/r2-local'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startFaultProxy } from '../testing/fault-proxy.ts'
import { storageSuite } from '../testing/storage-suite.ts'

import { createR2Storage, type R2Storage, type R2StorageOptions } from './r2-storage.ts'

let r2: R2Local
let folder: string
let storage: R2Storage
const text = { contentType: 'text/plain' }
beforeAll(async () => {
  r2 = await startR2Local({ otherBuckets: ['archive'] })
  folder = await mkdtemp(join(tmpdir(), 'r2-storage-'))
  storage = createR2Storage({ ...r2, otherBuckets: ['archive'], publicUrlBase: 'https://media.example.com/files/' })
})
afterAll(async () => {
  storage?.close()
  await r2?.stop()
  await rm(folder, { recursive: true, force: true })
})

storageSuite('An R2 storage, like every storage,', () => {
  const own = createR2Storage(r2)
  return { storage: own, close: async () => own.close() }
})

let files = 0
const newFile = async (content: string) => {
  const path = join(folder, `file-${++files}`)
  await writeFile(path, content)
  return path
}

test('A file in R2 is named by bucket and key, and keeps its content type and hash', async () => {
  const stored = await storage.put('own/a b.txt', await newFile('abc'), text)
  expect(stored).toEqual({
    key: 'own/a b.txt',
    url: 'r2://media/own/a%20b.txt',
    bucket: 'media',
    sizeBytes: 3,
    contentType: 'text/plain',
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  })
  expect(await storage.head('own/a b.txt')).toEqual(stored)
})

test('A call may name another bucket that the storage was told of', async () => {
  const { url } = await storage.put('own/archived', await newFile('kept'), { ...text, bucket: 'archive' })
  expect(url).toBe('r2://archive/own/archived')
  expect(storage.owns(url)).toBe(true)
  expect(await storage.head('own/archived')).toBeUndefined()
  expect(await storage.head('own/archived', { bucket: 'archive' })).toMatchObject({ bucket: 'archive', sizeBytes: 4 })
  const path = join(folder, 'fetched')
  await storage.fetchToFile(url, path)
  expect(await readFile(path, 'utf8')).toBe('kept')
  await storage.delete('own/archived', { bucket: 'archive' })
  expect(await storage.head('own/archived', { bucket: 'archive' })).toBeUndefined()
})

test.each(['r2://media', 'r2://media/', 'r2://media/../secret', 'r2://media/a/%2e%2e/b', 'r2://media/a%2fb', 'r2://media/a?b=c', 'r2://media/a#b', 'r2://media/%', 'https://media/a', 's3://media/a', 'r2://other/a', 'r2://media@evil/a'])(
  'An R2 storage does not own %s, and refuses to fetch it',
  async (url) => {
    expect(storage.owns(url)).toBe(false)
    await expect(storage.fetchToFile(url, join(folder, 'refused'))).rejects.toMatchObject({ code: 'media/url_refused' })
  },
)

test('The same content under the same key is not sent twice, other content or another type is', async () => {
  const path = await newFile('once')
  const uploaded = async () => {
    const client = new S3Client({ endpoint: r2.endpoint, region: 'auto', forcePathStyle: true, credentials: r2 })
    const { HeadObjectCommand } = await import('@aws-sdk/client-s3')
    const { LastModified } = await client.send(new HeadObjectCommand({ Bucket: 'media', Key: 'own/once' }))
    client.destroy()
    return LastModified!.getTime()
  }
  await storage.put('own/once', path, text)
  const first = await uploaded()
  await delay(1_100) // times there are whole seconds
  expect(await storage.put('own/once', path, { ...text, skipIfSame: true })).toMatchObject({ sizeBytes: 4, contentType: 'text/plain' })
  expect(await uploaded()).toBe(first)
  await storage.put('own/once', path, { contentType: 'text/html', skipIfSame: true })
  expect(await uploaded()).toBeGreaterThan(first)
})

test('A list goes on beyond a page of a thousand', { timeout: 600_000 }, async () => {
  const client = new S3Client({ endpoint: r2.endpoint, region: 'auto', forcePathStyle: true, credentials: r2 })
  const names = Array.from({ length: 1_003 }, (_, place) => `many/${String(place).padStart(4, '0')}`)
  const queue = names.values()
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (const Key of queue) await client.send(new PutObjectCommand({ Bucket: 'media', Key, Body: 'x' }))
  }))
  client.destroy()
  const found: string[] = []
  for await (const { key } of storage.list('many/')) found.push(key)
  expect(found).toEqual(names)
})

test('A signed URL opens a file, whole or in part, without credentials', async () => {
  const { url } = await storage.put('own/signed ü.txt', await newFile('0123456789'), text)
  const signed = await storage.sign(url, { expiresInSeconds: 60 })
  const whole = await fetch(signed)
  expect([whole.status, whole.headers.get('content-type'), await whole.text()]).toEqual([200, 'text/plain', '0123456789'])
  const part = await fetch(signed, { headers: { range: 'bytes=2-4' } })
  expect([part.status, await part.text()]).toEqual([206, '234'])
})

test('A signed URL opens nothing once it has expired, nor another file, nor for writing', async () => {
  const { url } = await storage.put('own/expires', await newFile('secret'), text)
  const signed = await storage.sign(url, { expiresInSeconds: 1 })
  expect((await fetch(signed.replace('own/expires', 'own/other'))).status).toBe(403)
  expect((await fetch(signed, { method: 'PUT', body: 'x' })).status).toBe(403)
  await delay(2_100)
  const late = await fetch(signed)
  expect(late.status).toBe(403)
  expect(await late.text()).not.toContain('secret')
})

test('A URL signed for writing takes one file of the type that was said', async () => {
  const url = storage.urlOf('own/uploads/by a browser.webm')
  const signed = await storage.sign(url, { expiresInSeconds: 60, method: 'PUT', contentType: 'video/webm' })
  const put = async (contentType: string) => (await fetch(signed, { method: 'PUT', body: 'video', headers: { 'content-type': contentType } })).status
  expect(await put('text/html')).toBe(403)
  expect(await put('video/webm')).toBe(200)
  expect(await storage.head('own/uploads/by a browser.webm')).toMatchObject({ sizeBytes: 5, contentType: 'video/webm' })
})

test.each([0, -1, 1.5, 604_801, Number.NaN])('A URL is not signed for %d seconds', async (expiresInSeconds) => {
  await expect(storage.sign('r2://media/a', { expiresInSeconds })).rejects.toThrow('1 to 604800')
})

test('The public URL of a file is below the base that was given, for the bucket it belongs to', () => {
  expect(storage.publicUrl('r2://media/own/a%20b.txt')).toBe('https://media.example.com/files/own/a%20b.txt')
  expect(storage.publicUrl('r2://archive/own/a')).toBeUndefined()
  const { publicUrlBase: _, ...options } = { ...r2, publicUrlBase: '' }
  expect(createR2Storage(options).publicUrl('r2://media/a')).toBeUndefined()
})

test.each<[string, Partial<R2StorageOptions>]>([
  ['accountId', { endpoint: undefined }],
  ['accountId', { endpoint: undefined, accountId: 'evil.example.com/' }],
  ['endpoint', { endpoint: 'http://example.com' }],
  ['endpoint', { endpoint: 'http://127.0.0.1.example.com' }],
  ['endpoint', { endpoint: 'https://user:password@example.com' }],
  ['accessKeyId', { accessKeyId: '' }],
  ['secretAccessKey', { secretAccessKey: 'with a space' }],
  ['bucket', { bucket: 'a/b' }],
  ['bucket', { otherBuckets: ['..'] }],
  ['otherBuckets', { otherBuckets: 'archive' as never }],
  ['accountId', { endpoint: undefined, accountId: 'https://abc.r2.cloudflarestorage.com' }],
  ['endpoint', { endpoint: 'https://abc.r2.cloudflarestorage.com/another' }],
  ['endpoint', { endpoint: 'https://media.abc.r2.cloudflarestorage.com' }],
  ['endpoint', { endpoint: 'https://example.com/s3/media/' }],
  ['endpoint', { endpoint: 'https://pub-0123.r2.dev' }],
  ['endpoint', { endpoint: 'https://dash.cloudflare.com/abc/r2' }],
  ['concurrency', { concurrency: Number.NaN }],
  ['stallTimeoutMs', { stallTimeoutMs: 30 * 86_400_000 }],
  ['publicUrlBase', { publicUrlBase: 'http://media.example.com' }],
  ['partSizeBytes', { partSizeBytes: 1024 ** 2 }],
  ['concurrency', { concurrency: 0 }],
  ['stallTimeoutMs', { stallTimeoutMs: 0 }],
])('A wrong %s is told at once, without its value', (name, wrong) => {
  expect(() => createR2Storage({ ...r2, ...wrong })).toThrow(`createR2Storage: ${name} `)
})

test('Without an endpoint it is the account at Cloudflare that is asked', async () => {
  const own = createR2Storage({ accountId: 'abc123', accessKeyId: 'a', secretAccessKey: 'b', bucket: 'media' })
  const signed = new URL(await own.sign('r2://media/a/b.mp4', { expiresInSeconds: 60 }))
  expect(`${signed.origin}${signed.pathname}`).toBe('https://abc123.r2.cloudflarestorage.com/media/a/b.mp4')
  expect([...signed.searchParams.keys()].filter((key) => /checksum/i.test(key))).toEqual([])
})

test.each(['https://abc.r2.cloudflarestorage.com/media', 'https://abc.eu.r2.cloudflarestorage.com/media/', 'https://abc.r2.cloudflarestorage.com/'])(
  'The endpoint as the dashboard shows it, %s, leads to the bucket once',
  async (endpoint) => {
    const own = createR2Storage({ ...r2, endpoint })
    const signed = new URL(await own.sign('r2://media/a/b.mp4', { expiresInSeconds: 60 }))
    expect(`${signed.origin}${signed.pathname}`).toBe(`${new URL(endpoint).origin}/media/a/b.mp4`)
  },
)

describe('Variables and files of the environment, which are meant for other tools,', () => {
  const steering = {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
    AWS_PROFILE: 'nowhere',
    AWS_REGION: 'eu-north-1',
    AWS_DEFAULT_REGION: 'eu-north-1',
    AWS_ACCESS_KEY_ID: 'another',
    AWS_SECRET_ACCESS_KEY: 'another',
    AWS_SESSION_TOKEN: 'another',
    AWS_MAX_ATTEMPTS: '1',
    AWS_RETRY_MODE: 'adaptive',
    AWS_DEFAULTS_MODE: 'nonsense',
    AWS_REQUEST_CHECKSUM_CALCULATION: 'WHEN_SUPPORTED',
    AWS_RESPONSE_CHECKSUM_VALIDATION: 'WHEN_SUPPORTED',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
    AWS_S3_USE_ARN_REGION: 'nonsense',
    AWS_S3_DISABLE_EXPRESS_SESSION_AUTH: 'nonsense',
    AWS_AUTH_SCHEME_PREFERENCE: 'sigv4a',
    AWS_SIGV4A_SIGNING_REGION_SET: '*',
    AWS_SDK_UA_APP_ID: 'x'.repeat(100),
    AWS_CA_BUNDLE: '/nowhere',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    HTTP_PROXY: 'http://127.0.0.1:9',
  }
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test('change nothing', async () => {
    const config = join(folder, 'aws-config')
    await writeFile(config, '[default]\nregion = eu-north-1\nendpoint_url = http://127.0.0.1:9\nuse_fips_endpoint = nonsense\n[profile nowhere\n')
    for (const [name, value] of Object.entries({ ...steering, AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: folder })) vi.stubEnv(name, value)
    const proxy = await startFaultProxy(r2.endpoint)
    const own = createR2Storage({ ...r2, endpoint: proxy.endpoint })
    const { url } = await own.put('own/steered', await newFile('steered'), text)
    await own.fetchToFile(url, join(folder, 'steered'))
    for await (const { key } of own.list('own/steered')) expect(key).toBe('own/steered')
    expect(await own.sign(url, { expiresInSeconds: 60 })).toContain('%2Fauto%2Fs3%2Faws4_request')
    own.close()
    await proxy.close()
    for (const { headers } of proxy.seen) {
      expect(headers['authorization']).toContain(`Credential=${r2.accessKeyId}/`)
      expect(headers['authorization']).toContain('/auto/s3/aws4_request')
      expect(Object.keys(headers).filter((name) => /checksum|token|region-set|expect/.test(name))).toEqual([])
    }
  })
})
