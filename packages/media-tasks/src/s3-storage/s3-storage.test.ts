import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startR2Local, type R2Local } from '@track-orchestrator/r2-local'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storageSuite } from '../testing/storage-suite.ts'
import { amazonS3, cloudflareR2, supabaseStorage } from './s3-services.ts'
import { createS3Storage } from './s3-storage.ts'

let r2: R2Local
beforeAll(async () => {
  r2 = await startR2Local({ bucket: 'clips' })
})
afterAll(() => r2?.stop())

const keys = { accessKeyId: 'a', secretAccessKey: 'b', bucket: 'media' }

// As Supabase Storage is spoken to: without the condition "only if absent".
storageSuite("A storage by S3's protocol, like every storage,", () => {
  const storage = createS3Storage({ ...supabaseStorage({ endpoint: r2.endpoint, region: 'eu-central-1' }), ...r2, region: 'auto' })
  return { storage, close: async () => storage.close() }
})

test.each([
  ['Supabase Storage', supabaseStorage({ projectRef: 'abcdefghijklmnopqrst', region: 'eu-central-1' }), 's3://media/a/b.mp4', 'https://abcdefghijklmnopqrst.storage.supabase.co/storage/v1/s3/media/a/b.mp4', 'eu-central-1'],
  ['Supabase on this machine', supabaseStorage({ endpoint: 'http://127.0.0.1:54321/storage/v1/s3', region: 'local' }), 's3://media/a/b.mp4', 'http://127.0.0.1:54321/storage/v1/s3/media/a/b.mp4', 'local'],
  ['Amazon S3', amazonS3({ region: 'eu-central-1' }), 's3://media/a/b.mp4', 'https://media.s3.eu-central-1.amazonaws.com/a/b.mp4', 'eu-central-1'],
  ['Amazon S3 in China', amazonS3({ region: 'cn-north-1' }), 's3://media/a/b.mp4', 'https://media.s3.cn-north-1.amazonaws.com.cn/a/b.mp4', 'cn-north-1'],
  ['R2', cloudflareR2({ accountId: 'abc123' }), 'r2://media/a/b.mp4', 'https://abc123.r2.cloudflarestorage.com/media/a/b.mp4', 'auto'],
  ['R2 in Europe', cloudflareR2({ accountId: 'abc123', jurisdiction: 'eu' }), 'r2://media/a/b.mp4', 'https://abc123.eu.r2.cloudflarestorage.com/media/a/b.mp4', 'auto'],
])('A file in %s has its URL, and is asked for where that service has it', async (_, service, url, address, region) => {
  const storage = createS3Storage({ ...service, ...keys })
  expect(storage.urlOf('a/b.mp4')).toBe(url)
  expect(storage.owns(url)).toBe(true)
  expect(storage.owns(url.replace(/^\w+/, url.startsWith('s3') ? 'r2' : 's3'))).toBe(false)
  const signed = new URL(await storage.sign(url, { expiresInSeconds: 60 }))
  expect(`${signed.origin}${signed.pathname}`).toBe(address)
  expect(signed.searchParams.get('X-Amz-Credential')).toContain(`/${region}/s3/aws4_request`)
  storage.close()
})

test('What takes long to send or to fetch is told of as it goes, up to the whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3-progress-'))
  const storage = createS3Storage({ ...cloudflareR2({ endpoint: r2.endpoint }), ...r2, partSizeBytes: 5 * 2 ** 20, concurrency: 2 })
  try {
    const path = join(folder, 'long')
    await writeFile(path, Buffer.alloc(12_000_000, 7))
    const [sent, fetched]: [number[], number[]] = [[], []]
    const note = (list: number[]) => (done: number, total: number | undefined) => void (expect(total).toBe(12_000_000), list.push(done))
    const { url } = await storage.put('own/long', path, { contentType: 'video/mp4', onProgress: note(sent) })
    await storage.fetchToFile(url, join(folder, 'back'), { onProgress: note(fetched) })
    for (const told of [sent, fetched]) {
      expect(told.length).toBeGreaterThanOrEqual(3)
      expect(told).toEqual(told.toSorted((a, b) => a - b))
      expect(told.at(-1)).toBe(12_000_000)
    }
  } finally {
    storage.close()
    await rm(folder, { recursive: true, force: true })
  }
})

test('A user of Supabase is told by the token of the session', async () => {
  const storage = createS3Storage({ ...supabaseStorage({ projectRef: 'abc', region: 'eu-central-1' }), ...keys, sessionToken: 'eyJhbGci.user.token' })
  const signed = new URL(await storage.sign('s3://media/a', { expiresInSeconds: 60 }))
  expect(signed.searchParams.get('X-Amz-Security-Token')).toBe('eyJhbGci.user.token')
})

test.each([
  [() => createS3Storage({ ...keys, region: 'auto' } as never), 'createS3Storage: endpoint is required'],
  [() => createS3Storage({ ...keys, endpoint: 'https://s3.example.com' } as never), 'createS3Storage: region is required'],
  [() => createS3Storage({ ...keys, ...amazonS3({ region: 'eu-central-1' }), endpoint: 'https://media.s3.eu-central-1.amazonaws.com' }), 'createS3Storage: endpoint must be'],
  [() => createS3Storage({ ...keys, endpoint: 'https://abc.supabase.co/storage/v1/s3/media', region: 'local' }), 'createS3Storage: endpoint must be'],
  [() => createS3Storage({ ...keys, endpoint: 'https://supabase.com/dashboard/project/abc', region: 'local' }), 'That is a dashboard'],
  [() => createS3Storage({ ...keys, ...amazonS3({ region: 'eu-central-1' }), ifAbsent: 'sometimes' as never }), 'createS3Storage: ifAbsent must be'],
  [() => createS3Storage({ ...keys, ...amazonS3({ region: 'eu-central-1' }), sessiontoken: 'x' } as never), 'Did you mean "sessionToken"?'],
  [() => createS3Storage({ ...amazonS3({ region: 'eu-central-1' }), ...keys, secretAccessKey: 'the secret' }), 'not a text of 10 characters'],
  [() => amazonS3({ region: 'Frankfurt' }), 'amazonS3: region must be'],
  [() => supabaseStorage({ region: 'local' }), 'supabaseStorage: projectRef is required'],
  [() => supabaseStorage({ projectRef: 'https://abc.supabase.co', region: 'local' }), 'supabaseStorage: projectRef must be'],
  [() => cloudflareR2({}), 'cloudflareR2: accountId is required'],
])('What cannot be is told at once (%#)', (make, message) => {
  expect(make).toThrow(expect.objectContaining({ code: 'definition_invalid', message: expect.stringContaining(message) as string }) as Error)
})
