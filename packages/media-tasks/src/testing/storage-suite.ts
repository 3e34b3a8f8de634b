import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadVitest } from '@track-orchestrator/registry/vitest'
import type { Storage } from '../storage.ts'

/** What the suite needs: a storage with nothing in it. */
export interface StorageUnderTest {
  readonly storage: Storage
  close?(): Promise<void>
}

const text = { contentType: 'text/plain' }

/** The behaviour that every storage owes its users. `open` is called once. Needs vitest. */
export function storageSuite(title: string, open: () => Promise<StorageUnderTest> | StorageUnderTest): void {
  const { afterAll, beforeAll, describe, expect, test } = loadVitest('storageSuite')
  describe(title, () => {
    let opened: StorageUnderTest
    let storage: Storage
    let folder: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'storage-suite-'))
      opened = await open()
      storage = opened.storage
    })
    afterAll(async () => {
      await opened?.close?.()
      await rm(folder, { recursive: true, force: true })
    })
    let files = 0
    const newPath = () => join(folder, `file-${++files}`)
    const newFile = async (content: string | Buffer) => {
      const path = newPath()
      await writeFile(path, content)
      return path
    }
    const read = async (url: string) => {
      const path = newPath()
      await storage.fetchToFile(url, path)
      return readFile(path)
    }
    const keys = async (prefix: string) => {
      const found: string[] = []
      for await (const { key } of storage.list(prefix)) found.push(key)
      return found
    }

    test('gives back what was put, byte by byte', async () => {
      const content = Buffer.from(Array.from({ length: 100_000 }, (_, place) => place % 256))
      const stored = await storage.put('suite/bytes.bin', await newFile(content), { contentType: 'application/octet-stream' })
      expect(stored).toMatchObject({ key: 'suite/bytes.bin', sizeBytes: 100_000 })
      expect((await read(stored.url)).equals(content)).toBe(true)
    })

    test('keeps empty files', async () => {
      const { url, sizeBytes } = await storage.put('suite/empty', await newFile(''), text)
      expect(sizeBytes).toBe(0)
      expect(await read(url)).toHaveLength(0)
    })

    test('keeps names with spaces, percent signs, number signs and letters of all languages', async () => {
      const key = 'suite/ä %41 #1 ? 漢字/ß+=&.txt'
      const { url } = await storage.put(key, await newFile('named'), text)
      expect(String(await read(url))).toBe('named')
      expect(await storage.head(key)).toMatchObject({ key, url })
      expect(storage.keyOf(url)).toBe(key)
    })

    test('replaces what was there, under the same URL', async () => {
      const first = await storage.put('suite/again', await newFile('first'), text)
      const second = await storage.put('suite/again', await newFile('second, longer'), text)
      expect(second.url).toBe(first.url)
      expect(String(await read(first.url))).toBe('second, longer')
    })

    test('does not change with the file that was put', async () => {
      const path = await newFile('as it was')
      const { url } = await storage.put('suite/own-copy', path, text)
      await writeFile(path, 'changed')
      expect(String(await read(url))).toBe('as it was')
    })

    test('keeps a file of many megabytes, byte by byte', async () => {
      const content = randomBytes(19 * 1024 ** 2 + 7)
      const { url, sizeBytes } = await storage.put('suite/large', await newFile(content), { contentType: 'video/mp4' })
      expect(sizeBytes).toBe(content.length)
      expect((await read(url)).equals(content)).toBe(true)
    })

    test('says beforehand which URL a key will have', async () => {
      const url = storage.urlOf('suite/to come.txt')
      expect((await storage.put('suite/to come.txt', await newFile('x'), text)).url).toBe(url)
      expect(() => storage.urlOf('../outside')).toThrow(expect.objectContaining({ code: 'media/url_refused' }))
    })

    test('leaves be what is the same, and replaces what is not, where it is asked to', async () => {
      const skip = { ...text, skipIfSame: true }
      expect((await storage.put('suite/same', await newFile('12345'), skip)).sizeBytes).toBe(5)
      expect(await storage.put('suite/same', await newFile('12345'), skip)).toMatchObject({ key: 'suite/same', url: storage.urlOf('suite/same'), sizeBytes: 5 })
      await storage.put('suite/same', await newFile('54321'), skip)
      expect(String(await read(storage.urlOf('suite/same')))).toBe('54321')
    })

    test('puts where nothing lies, and leaves be what lies there', async () => {
      expect(await storage.putIfAbsent('suite/absent', await newFile('first'), text)).toMatchObject({ key: 'suite/absent', created: true, sizeBytes: 5 })
      const second = await storage.putIfAbsent('suite/absent', await newFile('second'), text)
      expect(second).toMatchObject({ key: 'suite/absent', created: false, sizeBytes: 5, url: storage.urlOf('suite/absent') })
      expect(String(await read(second.url))).toBe('first')
    })

    test('lets one of several create a file, and gives its file to all of them', async () => {
      const contents = Array.from({ length: 8 }, (_, place) => String(place).repeat(1_000))
      const stored = await Promise.all(contents.map(async (content) => storage.putIfAbsent('suite/created-once', await newFile(content), text)))
      expect(stored.filter(({ created }) => created)).toHaveLength(1)
      const winner = contents[stored.findIndex(({ created }) => created)]
      expect(String(await read(storage.urlOf('suite/created-once')))).toBe(winner)
    })

    test('refuses a bucket that it was not told of', async () => {
      const path = await newFile('x')
      const bucket = 'somebody-elses'
      const refused = { code: 'media/url_refused', retryable: false }
      await expect(storage.put('suite/bucket', path, { ...text, bucket })).rejects.toMatchObject(refused)
      await expect(storage.putIfAbsent('suite/bucket', path, { ...text, bucket })).rejects.toMatchObject(refused)
      await expect(storage.head('suite/bucket', { bucket })).rejects.toMatchObject(refused)
      await expect(storage.delete('suite/bucket', { bucket })).rejects.toMatchObject(refused)
      await expect(storage.list('suite/', { bucket })[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused)
    })

    test('refuses to fetch or sign what is not its own', async () => {
      const url = 'r2://somebody-elses/suite/secret'
      const refused = { code: 'media/url_refused', retryable: false }
      await expect(storage.fetchToFile(url, newPath())).rejects.toMatchObject(refused)
      if (storage.sign) await expect(storage.sign(url, { expiresInSeconds: 60 })).rejects.toMatchObject(refused)
    })

    test('leaves nothing on disk where there was nothing to fetch', async () => {
      const target = join(await mkdtemp(join(folder, 'target-')), 'file')
      await expect(storage.fetchToFile(storage.urlOf('suite/never-put'), target)).rejects.toMatchObject({ code: 'media/not_found' })
      expect(await readdir(dirname(target))).toEqual([])
    })

    test('lets several put the same key at once, and one of them wins whole', async () => {
      const contents = Array.from({ length: 8 }, (_, place) => String(place).repeat(10_000))
      const paths = await Promise.all(contents.map(newFile))
      const [stored] = await Promise.all(paths.map((path) => storage.put('suite/raced', path, text)))
      expect(contents).toContain(String(await read(stored!.url)))
    })

    test('knows its own URLs, and only those', async () => {
      const { url } = await storage.put('suite/owned', await newFile('x'), text)
      expect(storage.owns(url)).toBe(true)
      for (const other of ['https://example.com/suite/owned', 'r2://somebody-elses/suite/owned', 'file:///etc/passwd', 'suite/owned', '']) {
        expect(storage.owns(other), other).toBe(false)
        expect(storage.keyOf(other), other).toBeUndefined()
      }
    })

    test('tells a file that is not there from one that is', async () => {
      const { url } = await storage.put('suite/there', await newFile('12345'), text)
      expect(await storage.head('suite/there')).toMatchObject({ key: 'suite/there', url, sizeBytes: 5 })
      expect(await storage.head('suite/not-there')).toBeUndefined()
    })

    test('says media/not_found for a URL of its own with nothing behind it', async () => {
      const { url } = await storage.put('suite/gone', await newFile('x'), text)
      await storage.delete('suite/gone')
      await expect(storage.fetchToFile(url, newPath())).rejects.toMatchObject({ code: 'media/not_found', retryable: false })
    })

    test('deletes, and does not mind deleting what is not there', async () => {
      await storage.put('suite/to-delete', await newFile('x'), text)
      await storage.delete('suite/to-delete')
      await storage.delete('suite/to-delete')
      expect(await storage.head('suite/to-delete')).toBeUndefined()
    })

    test('lists by prefix, in the order of the keys, whole folders or not', async () => {
      for (const key of ['list/b/2', 'list/a', 'list/b/1', 'list/b.txt', 'lists/c']) await storage.put(key, await newFile('x'), text)
      expect(await keys('list/')).toEqual(['list/a', 'list/b.txt', 'list/b/1', 'list/b/2'])
      expect(await keys('list/b')).toEqual(['list/b.txt', 'list/b/1', 'list/b/2'])
      expect(await keys('list/b/')).toEqual(['list/b/1', 'list/b/2'])
      expect(await keys('nothing/here')).toEqual([])
    })

    test.each(['../outside', 'a/../../outside', '/absolute', 'a//b', 'a/./b', '', 'a/b\u0000c', 'a\\b', 'a/\n', '.hidden/a', 'a/'])(
      'refuses the key %j',
      async (key) => {
        const path = await newFile('x')
        await expect(storage.put(key, path, text)).rejects.toMatchObject({ code: 'media/url_refused', retryable: false })
      },
    )

    test('fetches nothing for who was cancelled before', async () => {
      const { url } = await storage.put('suite/not-now', await newFile('x'), text)
      await expect(storage.fetchToFile(url, newPath(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
    })

    test('stores nothing when it was cancelled before it began', async () => {
      const path = await newFile('x')
      await expect(storage.put('suite/cancelled', path, { ...text, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
      await expect(storage.putIfAbsent('suite/cancelled', path, { ...text, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
      expect(await storage.head('suite/cancelled')).toBeUndefined()
    })
  })
}
