import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileStorage } from '@track-orchestrator/media-tasks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPayloadStore } from './payload-store.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'payload-store-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const open = () => createPayloadStore({ storage: createFileStorage({ root: join(folder, 'storage') }), temporaryFolder: join(folder, 'temporary') })

test('what one process puts in another takes out, and nothing is left on the way', async () => {
  const json = JSON.stringify({ text: 'é'.repeat(100_000) })
  await open().put('payloads/run_1#2/abc.json', json)
  expect(await open().get('payloads/run_1#2/abc.json')).toBe(json)
  expect(await readdir(join(folder, 'temporary'))).toEqual([])
})

test('a key under which there is nothing, or that leads out of the storage, is refused', async () => {
  await expect(open().get('payloads/run_1/none.json')).rejects.toThrow('payloads/run_1/none.json')
  await expect(open().get('payloads/../../secret')).rejects.toMatchObject({ code: 'media/url_refused' })
})

test('a temporary folder that every user may write to, without a sticky bit, is not used', async () => {
  const shared = join(folder, 'temporary')
  await mkdir(shared)
  await chmod(shared, 0o777)
  await expect(open().put('payloads/run_1/a.json', '1')).rejects.toMatchObject({ code: 'terminal', message: expect.stringContaining('may be written to by every user') as string })
  expect(await readdir(shared)).toEqual([])
})
