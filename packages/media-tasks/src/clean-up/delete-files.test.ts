import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startR2Local } from '@track-orchestrator/r2-local'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFileStorage } from '../file-storage/file-storage.ts'
import { createR2Storage } from '../r2-storage/r2-storage.ts'
import type { Storage } from '../storage.ts'
import { createFileKeeper, deleteFilesOfRun, deleteFilesOfTenant } from './delete-files.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'delete-files-'))
  await writeFile(join(folder, 'file'), 'content')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const openFiles = () => Promise.resolve({ storage: createFileStorage({ root: join(folder, 'storage') }), close: () => Promise.resolve() })
const openR2 = async () => {
  const r2 = await startR2Local()
  const storage = createR2Storage(r2)
  return {
    storage: storage as Storage,
    async close() {
      storage.close()
      await r2.stop()
    },
  }
}

const fileOf = (tenant: string, project: string, run: string, name = 'task/a.wav') => `tenants/${tenant}/projects/${project}/runs/${run}/${name}`

describe.each([['files', openFiles], ['R2', openR2]])('Deleting what a storage of %s holds', (_, open) => {
  let opened: Awaited<ReturnType<typeof open>>
  let storage: Storage
  beforeAll(async () => {
    opened = await open()
    storage = opened.storage
  })
  afterAll(() => opened?.close())

  const all = async () => {
    const keys: string[] = []
    for await (const { key } of storage.list('')) keys.push(key)
    return keys
  }
  const put = async (keys: readonly string[]) => {
    for (const key of keys) await storage.put(key, join(folder, 'file'), { contentType: 'text/plain' })
  }
  const ofRun = [fileOf('acme', 'p', 'run-1'), fileOf('acme', 'p', 'run-1', 'merge/final.mp4'), 'payloads/run-1/a.json']
  const ofTenant = [...ofRun, fileOf('acme', 'p', 'run-10'), fileOf('acme', 'p2', 'run-1'), 'payloads/run-10/b.json', 'tenants/acme/spoken/voice/a.wav', 'payloads/only-known-elsewhere/c.json']
  const others = [fileOf('acme2', 'p', 'run-1'), fileOf('acm', 'p', 'run-1'), 'tenants/acme.x/a', 'payloads/run-100/d.json', 'uploads/acme/input.webm', fileOf('other', 'p', 'run-11'), 'payloads/run-11/e.json']
  beforeEach(async () => {
    for (const key of await all()) await storage.delete(key)
    await put([...ofTenant, ...others])
  })

  test('of a run takes its files and payloads, results too, and nothing of a run, project or tenant whose name begins alike', async () => {
    expect(await deleteFilesOfRun(storage, { tenantId: 'acme', projectId: 'p', runId: 'run-1' })).toBe(3)
    expect((await all()).toSorted()).toEqual([...ofTenant.filter((key) => !ofRun.includes(key)), ...others].toSorted())
    expect(await deleteFilesOfRun(storage, { tenantId: 'acme', projectId: 'p', runId: 'run-1' })).toBe(0)
  })

  test('of a tenant takes those of all its projects and runs, the payloads of runs that are known elsewhere, and nothing of another', async () => {
    expect(await deleteFilesOfTenant(storage, 'acme', { runIds: ['only-known-elsewhere', 'run-1'] })).toBe(8)
    expect((await all()).toSorted()).toEqual(others.toSorted())
    expect(await deleteFilesOfTenant(storage, 'acme')).toBe(0)
  })

  test('refuses ids that lead elsewhere, before anything is deleted', async () => {
    for (const id of ['', '.', '..', 'acme/projects', 'acme/', '../acme', 'acme\\x', 'a\u0000']) {
      await expect(deleteFilesOfTenant(storage, id)).rejects.toMatchObject({ code: 'media/url_refused' })
      for (const run of [{ tenantId: id, projectId: 'p', runId: 'run-1' }, { tenantId: 'acme', projectId: id, runId: 'run-1' }, { tenantId: 'acme', projectId: 'p', runId: id }]) {
        await expect(deleteFilesOfRun(storage, run)).rejects.toMatchObject({ code: 'media/url_refused' })
      }
      if (id !== '') await expect(deleteFilesOfTenant(storage, 'acme', { runIds: ['run-1', id] })).rejects.toMatchObject({ code: 'media/url_refused' })
    }
    expect(await deleteFilesOfTenant(storage, '*')).toBe(0)
    expect(await all()).toHaveLength(ofTenant.length + others.length)
  })

  test('as a keeper tells that a run has no files whose id no storage takes', async () => {
    expect(await createFileKeeper(storage).deleteRun({ tenantId: 'acme', projectId: 'p', runId: 'a..b' })).toEqual({ files: 0 })
    expect(await createFileKeeper(storage).deleteTenant('acme', { runIds: ['a..b', '..', 'only-known-elsewhere'] })).toEqual({ files: 8 })
    expect((await all()).toSorted()).toEqual(others.toSorted())
  })

  test('is gone on with where it was broken off, and takes more than a portion', async () => {
    await Promise.all(Array.from({ length: 1_030 }, (_unused, place) => storage.put(fileOf('acme', 'p', 'run-1', `split/${place}.mkv`), join(folder, 'file'), { contentType: 'text/plain' })))
    const stop = new AbortController()
    let deleted = 0
    const slow = { list: (prefix: string) => storage.list(prefix), delete: (key: string, how?: object) => (++deleted === 100 ? stop.abort() : undefined, storage.delete(key, how)) }
    await expect(deleteFilesOfRun(slow, { tenantId: 'acme', projectId: 'p', runId: 'run-1' }, { signal: stop.signal })).rejects.toMatchObject({ name: 'CancelledError' })
    const left = (await all()).filter((key) => key.startsWith('tenants/acme/projects/p/runs/run-1/')).length
    expect(left).toBeGreaterThan(900)
    // What was on its way when it was stopped may be deleted since.
    const { files } = await createFileKeeper(storage).deleteRun({ tenantId: 'acme', projectId: 'p', runId: 'run-1' })
    expect(left + 1 - files).toBeGreaterThanOrEqual(0)
    expect(left + 1 - files).toBeLessThanOrEqual(8)
    expect((await all()).toSorted()).toEqual([...ofTenant.filter((key) => !ofRun.includes(key)), ...others].toSorted())
  })

  test('deletes the rest where one cannot be deleted, throws what the storage said, and can be asked again', async () => {
    const broken = { list: (prefix: string) => storage.list(prefix), delete: (key: string, how?: object) => (key.endsWith('a.wav') ? Promise.reject(new Error('refused')) : storage.delete(key, how)) }
    await expect(deleteFilesOfTenant(broken, 'acme')).rejects.toThrow('refused')
    expect((await all()).filter((key) => ofTenant.includes(key)).toSorted()).toEqual([...ofTenant.filter((key) => key.endsWith('a.wav')), 'payloads/only-known-elsewhere/c.json'].toSorted())
    expect(await deleteFilesOfTenant(storage, 'acme', { runIds: ['only-known-elsewhere'] })).toBe(5)
  })

  test('gives up on a storage that deletes nothing, and one that names what was not asked for', async () => {
    await expect(deleteFilesOfRun({ list: (prefix: string) => storage.list(prefix), delete: () => Promise.resolve() }, { tenantId: 'acme', projectId: 'p', runId: 'run-1' })).rejects.toMatchObject({ code: 'media/files_left' })
    await expect(deleteFilesOfTenant({ list: () => storage.list('tenants/'), delete: (key: string) => storage.delete(key) }, 'acme')).rejects.toMatchObject({ code: 'media/files_left' })
    expect((await all()).filter((key) => others.includes(key))).toHaveLength(others.length)
  })
})

test('Odd files below the folder of a tenant are left and told, and the rest is deleted', async () => {
  const root = join(folder, 'odd')
  const storage = createFileStorage({ root })
  for (const name of ['task/a.wav', 'task/b.wav']) await storage.put(fileOf('acme', 'p', 'r', name), join(folder, 'file'), { contentType: 'text/plain' })
  for (let place = 0; place < 30; place++) await writeFile(join(root, fileOf('acme', 'p', 'r', `task/a..${place}`)), 'odd')
  await expect(deleteFilesOfTenant(storage, 'acme')).rejects.toMatchObject({ code: 'media/files_left', message: expect.stringMatching(/^30 files below tenants\/acme\/ are left, since no task has stored them: .*a\.\.0", .*…\. Remove them by hand/) as string })
  expect(await readdir(join(root, fileOf('acme', 'p', 'r', 'task')))).toHaveLength(30)
  await rm(join(root, fileOf('acme', 'p', 'r', 'task')), { recursive: true })
  expect(await deleteFilesOfTenant(storage, 'acme')).toBe(0)
})
