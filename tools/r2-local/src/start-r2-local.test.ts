import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
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
