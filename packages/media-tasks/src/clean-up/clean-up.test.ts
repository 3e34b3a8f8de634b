import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { startR2Local } from '@track-orchestrator/r2-local'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFileStorage } from '../file-storage/file-storage.ts'
import { createR2Storage } from '../r2-storage/r2-storage.ts'
import type { Storage } from '../storage.ts'
import { cleanUpRun, type EndedRun } from './clean-up-run.ts'
import { cleanUpDue } from './due-clean-up.ts'

interface Opened {
  readonly storage: Storage
  close(): Promise<void>
}

const openFiles = async (): Promise<Opened> => {
  const root = await mkdtemp(join(tmpdir(), 'clean-up-storage-'))
  return { storage: createFileStorage({ root }), close: () => rm(root, { recursive: true }) }
}
const openR2 = async (): Promise<Opened> => {
  const r2 = await startR2Local()
  const storage = createR2Storage(r2)
  return {
    storage,
    async close() {
      storage.close()
      await r2.stop()
    },
  }
}

const folderOf = (runId: string, tenantId = 't') => `tenants/${tenantId}/projects/p/runs/${runId}`
const text = { contentType: 'text/plain' }
const minuteMs = 60_000

describe.each([['files', openFiles], ['R2', openR2]])('Cleaning up after a run, in a storage of %s,', (_, open) => {
  let opened: Opened
  let storage: Storage
  let temporaryFolder: string
  beforeAll(async () => {
    opened = await open()
    storage = opened.storage
    temporaryFolder = await mkdtemp(join(tmpdir(), 'clean-up-test-'))
    await writeFile(join(temporaryFolder, 'file'), 'content')
  })
  afterAll(async () => {
    await opened?.close()
    await rm(temporaryFolder, { recursive: true, force: true })
  })
  const all = async () => {
    const keys: string[] = []
    for await (const { key } of storage.list('')) keys.push(key)
    return keys
  }
  const put = async (...keys: string[]) => {
    for (const key of keys) await storage.put(key, join(temporaryFolder, 'file'), text)
  }
  const others = [`${folderOf('run-1', 'other')}/split_video/a.mkv`, `${folderOf('run-10')}/split_video/a.mkv`, `${folderOf('run-2')}/split_video/a.mkv`, 'uploads/run-1/input.webm']
  const intermediate = [`${folderOf('run-1')}/media_audio_extract/a.wav`, `${folderOf('run-1')}/split_video/ä 1.mkv`]
  const final = `${folderOf('run-1')}/merge_audio_video/final cut.mp4`
  let run: EndedRun
  beforeEach(async () => {
    for (const key of await all()) await storage.delete(key)
    await put(...others, ...intermediate, final)
    run = { tenantId: 't', projectId: 'p', runId: 'run-1', status: 'succeeded', output: { url: storage.urlOf(final), files: [], sizeBytes: 7 } }
  })
  const options = (more: object) => ({ cleanup: 'immediate' as const, temporaryFolder, ...more })

  test('deletes what the run put there, and neither its results nor anything of another run', async () => {
    expect((await cleanUpRun(storage, run, options({}))).toSorted()).toEqual(intermediate.toSorted())
    expect((await all()).toSorted()).toEqual([...others, final].toSorted())
    expect(await cleanUpRun(storage, run, options({}))).toEqual([])
  })

  test.each(['immediate', 'delayed'] as const)('deletes as well what an engine has put there for it, and what the runs left that it has resumed (%s)', async (cleanup) => {
    const payloads = ['payloads/run-1/a.json', 'payloads/run-2/b.json']
    await put(...payloads, 'payloads/run-10/c.json')
    await cleanUpRun(storage, { ...run, earlierRuns: ['run-2'] }, options({ cleanup, delayMs: 0 }))
    await cleanUpDue(storage, { temporaryFolder, now: Date.now() + minuteMs })
    const kept = others.filter((key) => !key.startsWith(`${folderOf('run-2')}/`))
    expect((await all()).toSorted()).toEqual([...kept, final, 'payloads/run-10/c.json'].toSorted())
  })

  test.each(['failed', 'cancelled'] as const)('keeps everything of a run that has %s: it may be resumed', async (status) => {
    expect(await cleanUpRun(storage, { ...run, status }, options({}))).toEqual([])
    expect(await all()).toHaveLength(7)
  })

  test('keeps everything where nothing is to be cleaned up', async () => {
    expect(await cleanUpRun(storage, run, options({ cleanup: 'none' }))).toEqual([])
    expect(await all()).toHaveLength(7)
  })

  test.each<[string, (key: string) => unknown]>([
    ['as a URL', (key) => [new URL(`https://media.example.com/${key}?X-Amz-Signature=abc`)]],
    ['in a map of URLs', (key) => ({ files: new Map([[new URL(`https://media.example.com/${key}`), 1]]) })],
    ['in a set', (key) => new Set([`https://media.example.com/${key}`])],
    ['in a map', (key) => ({ files: new Map([['a', new Map([[key, 1]])]]) })],
    ['as a key of an object', (key) => ({ [`https://media.example.com/${key}`]: true })],
    ['after a sign that stands for itself', (key) => `100% done: https://media.example.com/${key.replaceAll(' ', '%20')}`],
    ['in a long text', (key) => `${'x'.repeat(20_000)} ${key} ${'y'.repeat(20_000)}`],
    ['encoded twice', (key) => `https://example.com/?next=${encodeURIComponent(`https://a.example.com/${encodeURIComponent(key)}`)}`],
    ['in JSON', (key) => JSON.stringify({ key }).replaceAll('/', '\\/')],
    ['by its key, deep inside', (key) => ({ a: [{ files: [{ key }] }] })],
    ['by a URL with more behind it', (key) => `https://media.example.com/${encodeURIComponent(key)}?t=10`],
    ['by a public URL', (key) => `https://media.example.com/${key.split('/').map(encodeURIComponent).join('/')}`],
  ])('keeps a file that is named %s', async (_how, name) => {
    const [kept, deleted] = intermediate.toReversed() as [string, string]
    expect(await cleanUpRun(storage, run, options({ keep: name(kept) }))).toEqual([deleted])
    expect(await storage.head(kept)).toBeDefined()
  })

  test('keeps a file that the output names as well as one that is to be kept, whatever they are named by', async () => {
    const [first, second] = intermediate as [string, string]
    expect(await cleanUpRun(storage, { ...run, output: [new URL(storage.urlOf(final)), new Map([['a', new Set([first])]])] }, options({ keep: second }))).toEqual([])
    expect(await all()).toHaveLength(7)
  })

  test.each<[string, unknown]>([['a promise', Promise.resolve('x')], ['an object of a class', new (class Files { readonly url = 'x' })()], ['a function', () => 'x'], ['bytes', Buffer.from('x')]])(
    'deletes nothing where it cannot read what is to be kept: %s',
    async (_what, keep) => {
      await expect(cleanUpRun(storage, run, options({ keep: [keep] }))).rejects.toMatchObject({ code: 'definition_invalid' })
      expect(await all()).toHaveLength(7)
    },
  )

  test('does so later where that was asked for: not before it is due, and then once', async () => {
    const noted = await cleanUpRun(storage, run, options({ cleanup: 'delayed', delayMs: 60 * minuteMs }))
    expect(noted.toSorted()).toEqual(intermediate.toSorted())
    await put(`${folderOf('run-1')}/added_since/a.mp4`)
    expect(await cleanUpDue(storage, { temporaryFolder })).toEqual([])
    expect(await cleanUpDue(storage, { temporaryFolder, now: Date.now() + 59 * minuteMs })).toEqual([])
    expect(await storage.head(intermediate[0]!)).toBeDefined()
    const [first, second] = await Promise.all([1, 2].map(async () => cleanUpDue(storage, { temporaryFolder, now: Date.now() + 61 * minuteMs })))
    expect(new Set([...first!, ...second!])).toEqual(new Set(intermediate))
    expect((await all()).toSorted()).toEqual([...others, final, `${folderOf('run-1')}/added_since/a.mp4`].toSorted())
    expect(await cleanUpDue(storage, { temporaryFolder, now: Date.now() + 61 * minuteMs })).toEqual([])
  })

  test('takes no note at its word that names what is not of its run', async () => {
    const note = join(temporaryFolder, 'note')
    const prefix = `${folderOf('run-1')}/`
    const notes = [{ prefix, keys: [final, ...others] }, { prefix, keys: [`${prefix}../run-2/split_video/a.mkv`] }, { prefix: 'tenants/', keys: others }, { prefix, keys: [1] }, 'no note']
    for (const [place, content] of notes.entries()) {
      await writeFile(note, JSON.stringify(content))
      await storage.put(`cleanups/000000000000${place}-forged.json`, note, { contentType: 'application/json' })
    }
    expect(await cleanUpDue(storage, { temporaryFolder })).toEqual([])
    expect((await all()).toSorted()).toEqual([...others, ...intermediate, final].toSorted())
  })

  test('refuses a run whose id leads elsewhere', async () => {
    for (const runId of ['', '.', '..', 'run-1/../run-2', 'a/b']) {
      await expect(cleanUpRun(storage, { ...run, runId }, options({}))).rejects.toMatchObject({ code: 'media/url_refused' })
      await expect(cleanUpRun(storage, { ...run, earlierRuns: [runId] }, options({}))).rejects.toMatchObject({ code: 'media/url_refused' })
    }
  })

  test('leaves nothing in the folder for temporary files', async () => {
    const notMade = join(temporaryFolder, 'not', 'made', 'yet')
    await cleanUpRun(storage, run, options({ cleanup: 'delayed', delayMs: 0, temporaryFolder: notMade }))
    expect(await cleanUpDue(storage, { temporaryFolder: notMade, now: Date.now() + minuteMs })).toHaveLength(2)
    expect(await readdir(notMade)).toEqual([])
  })
})

test.each(['immediate', 'delayed'] as const)('An odd key below the folder of a run is left and told, and the rest is done (%s)', async (cleanup) => {
  const root = await mkdtemp(join(tmpdir(), 'clean-up-odd-'))
  const storage = createFileStorage({ root: join(root, 'storage') })
  await writeFile(join(root, 'file'), 'content')
  const folder = 'tenants/t/projects/p/runs/run-1'
  for (const name of ['a.wav', 'b.wav']) await storage.put(`${folder}/task/${name}`, join(root, 'file'), text)
  for (const name of ['a..b', ' space', 'x'.repeat(200)]) await writeFile(join(root, 'storage', folder, 'task', name), 'odd')
  const warned: string[] = []
  const hear = (warning: Error) => void warned.push(`${warning.name}: ${warning.message}`)
  process.on('warning', hear)
  const run: EndedRun = { tenantId: 't', projectId: 'p', runId: 'run-1', status: 'succeeded', output: undefined }
  expect(await cleanUpRun(storage, run, { cleanup, delayMs: 0, temporaryFolder: root })).toHaveLength(2)
  if (cleanup === 'delayed') {
    const note = join(root, 'note')
    await writeFile(note, JSON.stringify({ prefix: `${folder}/`, keys: [`${folder}/task/a..b`, `${folder}/task/a.wav`] }))
    await storage.put('cleanups/0000000000001-older.json', note, { contentType: 'application/json' })
    expect((await cleanUpDue(storage, { temporaryFolder: root, now: Date.now() + minuteMs })).toSorted()).toEqual([`${folder}/task/a.wav`, `${folder}/task/b.wav`])
    expect(await storage.head('cleanups/0000000000001-older.json')).toBeDefined()
  }
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', hear)
  expect(await readdir(join(root, 'storage', folder, 'task'))).toHaveLength(3)
  expect(warned.join()).toContain('CleanUpWarning: Clean-up leaves 3 files')
  await rm(root, { recursive: true })
})

test.each([1, 2])('Files of which %i cannot be deleted: the others are, and the first error is told in the end', async (count) => {
  const folder = `${folderOf('run-1')}/task`
  const keys = ['a', 'b', 'c', 'd'].map((name) => `${folder}/${name}.wav`)
  const deleted: string[] = []
  const storage = {
    async *list(prefix: string) {
      if (prefix === `${folderOf('run-1')}/`) for (const key of keys) yield { key }
    },
    delete: (key: string) => (keys.indexOf(key) < count ? Promise.reject(new Error(`${key} is locked`)) : Promise.resolve(void deleted.push(key))),
  } as unknown as Storage
  await expect(cleanUpRun(storage, { tenantId: 't', projectId: 'p', runId: 'run-1', status: 'succeeded', output: undefined }, { cleanup: 'immediate' })).rejects.toThrow(`${keys[0]} is locked`)
  expect(deleted).toEqual(keys.slice(count))
})

test.each(['immediate', 'delayed'] as const)('Odd keys that other tools have put into a bucket are left, and the rest is done (%s)', async (cleanup) => {
  const r2 = await startR2Local()
  const storage = createR2Storage(r2)
  const client = new S3Client({ endpoint: r2.endpoint, region: 'auto', forcePathStyle: true, credentials: r2 })
  const folder = `${folderOf('run-1')}/task`
  const odd = ['', 'x'.repeat(200), 'a..b'].map((name) => `${folder}/${name}`)
  try {
    for (const Key of [...odd, `${folder}/a.wav`]) await client.send(new PutObjectCommand({ Bucket: r2.bucket, Key, Body: 'x' }))
    const run: EndedRun = { tenantId: 't', projectId: 'p', runId: 'run-1', status: 'succeeded', output: undefined }
    expect(await cleanUpRun(storage, run, { cleanup, delayMs: 0 })).toEqual([`${folder}/a.wav`])
    if (cleanup === 'delayed') expect(await cleanUpDue(storage, { now: Date.now() + minuteMs })).toEqual([`${folder}/a.wav`])
    const left: string[] = []
    for await (const { key } of storage.list('')) left.push(key)
    expect(left.toSorted()).toEqual(odd.toSorted())
  } finally {
    client.destroy()
    storage.close()
    await r2.stop()
  }
})

test.each([{ now: 'today' }, { now: -1 }, { now: Number.NaN }, { temporaryFolder: 7 }, { signal: 'stop' }, { when: 1 }])('cleanUpDue refuses %j before it deletes anything', async (options) => {
  const storage = { list: () => expect.unreachable() } as unknown as Storage
  await expect(cleanUpDue(storage, options as never)).rejects.toMatchObject({ code: 'definition_invalid' })
})
