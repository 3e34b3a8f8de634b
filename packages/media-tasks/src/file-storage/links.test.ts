import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Storage } from '../storage.ts'
import { createFileStorage } from './file-storage.ts'

let folder: string
let storage: Storage
const at = (...names: string[]) => join(folder, ...names)
const url = (...names: string[]) => pathToFileURL(at(...names)).href
const text = { contentType: 'text/plain' }
const refused = { code: 'media/url_refused', retryable: false }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-links-'))
  for (const name of ['root', 'readable', 'outside', 'out']) await mkdir(at(name))
  await writeFile(at('outside', 'secret'), 'secret')
  await writeFile(at('mine'), 'mine')
  storage = createFileStorage({ root: at('root'), readableFolders: [at('readable')] })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('Where a folder inside of the root is a link that leads out,', () => {
  beforeEach(() => symlink(at('outside'), at('root', 'link')))

  test.each(['link/new', 'link/deep/new', 'link/secret'])('nothing is put under %s, and nothing is made or replaced there', async (key) => {
    await expect(storage.put(key, at('mine'), text)).rejects.toMatchObject(refused)
    await expect(storage.put(key, at('mine'), { ...text, skipIfSame: true })).rejects.toMatchObject(refused)
    await expect(storage.putIfAbsent(key, at('mine'), text)).rejects.toMatchObject(refused)
    expect(await readdir(at('outside'))).toEqual(['secret'])
    expect(await readFile(at('outside', 'secret'), 'utf8')).toBe('secret')
    expect(await readdir(at('root', '.incoming')).catch(() => [])).toEqual([])
  })

  test('nothing is deleted, found, listed or fetched through it', async () => {
    await storage.delete('link/secret')
    expect(await readdir(at('outside'))).toEqual(['secret'])
    expect(await storage.head('link/secret')).toBeUndefined()
    for await (const { key } of storage.list('')) expect.unreachable(key)
    await expect(storage.fetchToFile(storage.urlOf('link/secret'), at('out', 'a'))).rejects.toMatchObject(refused)
  })
})

test.each(['outside', 'root/elsewhere', 'nowhere'])('A file that is a link to %s is neither replaced nor deleted nor read: it is not ours', async (target) => {
  await mkdir(at('root', 'elsewhere'))
  await symlink(at(target), at('root', 'name'))
  await expect(storage.put('name', at('mine'), text)).rejects.toMatchObject(refused)
  await expect(storage.putIfAbsent('name', at('mine'), text)).rejects.toMatchObject(refused)
  await storage.delete('name')
  expect(await readdir(at('root'))).toContain('name')
  expect(await storage.head('name')).toBeUndefined()
})

test('A folder is not replaced by a file, nor deleted as one', async () => {
  await storage.put('a/b', at('mine'), text)
  await expect(storage.put('a', at('mine'), text)).rejects.toMatchObject(refused)
  await expect(storage.put('a/b/c', at('mine'), text)).rejects.toMatchObject(refused)
  await storage.delete('a')
  expect(await storage.head('a/b')).toMatchObject({ sizeBytes: 4 })
})

test('Half-written files go nowhere else, where a link stands in the place of their folder', async () => {
  await symlink(at('outside'), at('root', '.incoming'))
  await expect(storage.put('a', at('mine'), text)).rejects.toMatchObject(refused)
  expect(await readdir(at('outside'))).toEqual(['secret'])
})

test('The root itself may be a link: whoever named it made that', async () => {
  await symlink(at('root'), at('by-link'))
  const linked = createFileStorage({ root: at('by-link') })
  const { url: stored } = await linked.put('a/b', at('mine'), text)
  expect(await linked.head('a/b')).toMatchObject({ key: 'a/b', url: stored })
  await linked.fetchToFile(stored, at('out', 'a'))
  expect(await readFile(at('out', 'a'), 'utf8')).toBe('mine')
})

test('No URL opens what is being written', async () => {
  await mkdir(at('root', '.incoming'))
  await writeFile(at('root', '.incoming', 'half'), 'half')
  await expect(storage.fetchToFile(url('root', '.incoming', 'half'), at('out', 'a'))).rejects.toMatchObject(refused)
})

test('A link in a readable folder opens no file of the storage: whose it is would not be seen', async () => {
  await storage.put('tenants/other/private', at('mine'), text)
  await symlink(at('root', 'tenants', 'other', 'private'), at('readable', 'a'))
  await expect(storage.fetchToFile(url('readable', 'a'), at('out', 'a'))).rejects.toMatchObject(refused)
})

test('A link from one readable file to another is followed', async () => {
  await writeFile(at('readable', 'a'), 'a')
  await symlink('a', at('readable', 'b'))
  await storage.fetchToFile(url('readable', 'b'), at('out', 'b'))
  expect(await readFile(at('out', 'b'), 'utf8')).toBe('a')
})

test('A pipe is refused, and holds nobody', async () => {
  execFileSync('mkfifo', [at('readable', 'pipe')])
  await expect(storage.fetchToFile(url('readable', 'pipe'), at('out', 'a'))).rejects.toMatchObject(refused)
})

/** Folders to fetch to: on the disk of the storage and, where there is one, on another. */
const targets = {
  'the same disk': async () => at('out'),
  ...(existsSync('/dev/shm') && { 'another disk': () => mkdtemp(join('/dev/shm', 'file-links-')) }),
}

describe.each(Object.entries(targets))(
  'A readable file that is replaced by a link, fetched to %s,',
  (_, open) => {
    let target: string
    beforeEach(async () => {
      target = await open()
      await writeFile(at('readable', 'video'), 'public')
    })
    afterEach(() => rm(target, { recursive: true, force: true }))
    const replace = async (by: string) => {
      await symlink(at('outside', by), at('next'))
      await rename(at('next'), at('readable', 'video'))
    }

    test('is what it was when it was checked', async () => {
      await storage.fetchToFile(url('readable', 'video'), join(target, 'a'))
      await replace('secret')
      expect(await readFile(join(target, 'a'), 'utf8')).toBe('public')
    })

    test('at any moment, is that or refused, and never the file behind the link', async () => {
      let over = false
      const swapping = (async () => {
        for (let round = 0; !over; round++) {
          await replace('secret')
          await writeFile(at('again'), 'public')
          await rename(at('again'), at('readable', 'video'))
        }
      })()
      const seen = new Set<string>()
      for (let round = 0; round < 300; round++) {
        const path = join(target, `a-${round}`)
        const fetched = await storage.fetchToFile(url('readable', 'video'), path).then(() => readFile(path, 'utf8'), (error: { code: string }) => error.code)
        seen.add(fetched)
      }
      over = true
      await swapping
      expect([...seen].filter((content) => content !== 'public' && content !== 'media/url_refused')).toEqual([])
    })
  },
)

test.runIf(process.platform === 'linux')('A folder of the storage that is replaced by a link at any moment leads nobody out', async () => {
  await writeFile(at('outside', 'b'), 'secret')
  await mkdir(at('root', 'a'))
  let over = false
  const swapping = (async () => {
    // `put` makes the folder, too: what is in the way then is another round's.
    const tried = (step: Promise<unknown>) => step.catch(() => {})
    while (!over) {
      await tried(rm(at('root', 'a'), { recursive: true }))
      await tried(symlink(at('outside'), at('root', 'a')))
      await new Promise((resolve) => setImmediate(resolve))
      await tried(rm(at('root', 'a'), { recursive: true }))
      await tried(mkdir(at('root', 'a')))
    }
  })()
  const quietly = (promise: Promise<unknown>) => promise.catch((error: { code?: string }) => expect(['media/url_refused', 'media/not_found', 'ENOENT']).toContain(error.code))
  for (let round = 0; round < 200; round++) {
    await quietly(storage.put('a/b', at('mine'), text))
    await quietly(storage.put('a/c', at('mine'), text))
    await quietly(storage.delete('a/b'))
    await rm(at('out', 'fetched'), { force: true })
    await quietly(storage.fetchToFile(storage.urlOf('a/b'), at('out', 'fetched')).then(async () => expect(await readFile(at('out', 'fetched'), 'utf8')).toBe('mine')))
  }
  over = true
  await swapping
  expect((await readdir(at('outside'))).toSorted()).toEqual(['b', 'secret'])
  expect(await readFile(at('outside', 'b'), 'utf8')).toBe('secret')
})
