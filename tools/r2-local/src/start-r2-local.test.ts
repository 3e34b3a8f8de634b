import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { startR2Local } from './start-r2-local.ts'

const answers = async (endpoint: string) => fetch(endpoint).then(({ status }) => status, () => undefined)

test('A local R2 answers on loopback only to who can sign, and is gone with its files when it was stopped', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'r2-local-test-'))
  vi.stubEnv('TMPDIR', folder)
  const r2 = await startR2Local({ bucket: 'clips' })
  expect(new URL(r2.endpoint).hostname).toBe('127.0.0.1')
  const unsigned = await fetch(`${r2.endpoint}/clips/file`)
  expect(unsigned.status).toBe(400)
  expect(await unsigned.text()).toContain('Authorization')
  await r2.stop()
  await r2.stop()
  expect(await answers(r2.endpoint)).toBeUndefined()
  expect(await readdir(folder)).toEqual([])
  await rm(folder, { recursive: true })
  vi.unstubAllEnvs()
})

test('A local R2 ends by itself when its parent is killed', async () => {
  const parent = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('../fixture/parent.mjs', import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const { endpoint } = JSON.parse(String(line)) as { endpoint: string }
  expect(await answers(endpoint)).toBeDefined()
  parent.kill('SIGKILL')
  const deadline = Date.now() + 20_000
  while ((await answers(endpoint)) !== undefined && Date.now() < deadline) await delay(100)
  expect(await answers(endpoint)).toBeUndefined()
})

test('A local R2 takes one write a second of a key, as R2 does, unless it is told otherwise', async () => {
  const statuses = async (limitWrites: boolean) => {
    const r2 = await startR2Local({ limitWrites })
    const client = new S3Client({ endpoint: r2.endpoint, region: 'auto', forcePathStyle: true, credentials: r2, maxAttempts: 1, requestChecksumCalculation: 'WHEN_REQUIRED' })
    const put = async (Key: string) => client.send(new PutObjectCommand({ Bucket: r2.bucket, Key, Body: 'x' })).then(({ $metadata }) => $metadata.httpStatusCode, (error: { $metadata: { httpStatusCode?: number } }) => error.$metadata.httpStatusCode)
    const seen = (await Promise.all([put('a'), put('a'), put('b')])).toSorted()
    await delay(1_050)
    seen.push(await put('a'))
    client.destroy()
    await r2.stop()
    return seen
  }
  expect(await statuses(true)).toEqual([200, 200, 429, 200])
  expect(await statuses(false)).toEqual([200, 200, 200, 200])
})

test('A local R2 gives what createR2Storage wants to know, and nothing else', async () => {
  const r2 = await startR2Local()
  expect(Object.keys(r2).toSorted()).toEqual(['accessKeyId', 'bucket', 'endpoint', 'secretAccessKey'])
  await r2.stop()
})
