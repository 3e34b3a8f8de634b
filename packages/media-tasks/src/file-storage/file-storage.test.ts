import { appendFile, link, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { processTag } from '../process-tag.ts'
import { storageSuite } from '../testing/storage-suite.ts'
import { createFileStorage } from './file-storage.ts'

let folder: string
const at = (...names: string[]) => join(folder, ...names)
const url = (...names: string[]) => pathToFileURL(at(...names)).href
const refused = { code: 'media/url_refused', retryable: false }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-storage-'))
  for (const name of ['root', 'readable', 'readable-not', 'out']) await mkdir(at(name))
  for (const name of ['readable/video.webm', 'readable-not/secret', 'secret']) await writeFile(at(name), 'content')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

storageSuite('A file storage, like every storage,', async () => {
  const root = await mkdtemp(join(tmpdir(), 'file-storage-root-'))
  return { storage: createFileStorage({ root }), close: () => rm(root, { recursive: true, force: true }) }
})

const storage = () => createFileStorage({ root: at('root'), readableFolders: [at('readable')] })

test('A file storage reads files of the folders it was told of, without owning them', async () => {
  await storage().fetchToFile(url('readable', 'video.webm'), at('out', '1'))
  expect(storage().owns(url('readable', 'video.webm'))).toBe(false)
})

test.each([
  ['outside of its folders', () => url('secret')],
  ['in a folder that only begins alike', () => url('readable-not', 'secret')],
  ['above by way of ..', () => `${url('readable')}/../secret`],
  ['above by way of an encoded ..', () => `${url('readable')}/%2e%2e/secret`],
  ['with an encoded slash', () => `${url('readable')}%2fvideo.webm`],
  ['on another host', () => 'file://example.com/etc/passwd'],
  ['that does not exist, outside', () => url('nothing-here')],
  ['by another scheme', () => 'https://example.com/video.webm'],
  ['without a scheme', () => at('readable', 'video.webm')],
])('A file storage refuses a file %s', async (_, makeUrl) => {
  await expect(storage().fetchToFile(makeUrl(), at('out', 'refused'))).rejects.toMatchObject(refused)
})

test('A file storage refuses a link that leads out of its folders', async () => {
  await symlink(at('secret'), at('readable', 'link.webm'))
  await expect(storage().fetchToFile(url('readable', 'link.webm'), at('out', '2'))).rejects.toMatchObject(refused)
})

test('A file storage refuses what is no regular file', async () => {
  await mkdir(at('readable', 'folder.webm'))
  await expect(storage().fetchToFile(url('readable', 'folder.webm'), at('out', '3'))).rejects.toMatchObject(refused)
})

test('A file storage leaves nothing half-written behind', async () => {
  await expect(storage().put('a/b', at('no-such-file'), { contentType: 'text/plain' })).rejects.toMatchObject({ code: 'ENOENT' })
  await storage().put('a/c', at('secret'), { contentType: 'text/plain' })
  expect(await readdir(at('root', '.incoming'))).toEqual([])
  expect(await readdir(at('root', 'a'))).toEqual(['c'])
})

test('A file storage does not list what is being written', async () => {
  await mkdir(at('root', '.incoming'), { recursive: true })
  await link(at('secret'), at('root', '.incoming', 'half'))
  for await (const { key } of storage().list('')) expect(key).not.toMatch(/^\./)
})

test('A file storage removes what a process left half-written that was killed, and nothing else', async () => {
  const root = at('tidied')
  await createFileStorage({ root }).put('a', at('secret'), { contentType: 'text/plain' })
  const machine = processTag().split('-')[0]
  const uuid = '00000000-0000-4000-8000-000000000000'
  const names = { stale: `${machine}-999999999-1-${uuid}`, own: `${processTag()}-${uuid}`, elsewhere: `abcdefabcdef-999999999-1-${uuid}`, another: 'half' }
  for (const name of Object.values(names)) await writeFile(join(root, '.incoming', name), 'half')
  await createFileStorage({ root }).put('b', at('secret'), { contentType: 'text/plain' })
  expect((await readdir(join(root, '.incoming'))).toSorted()).toEqual([names.own, names.elsewhere, names.another].toSorted())
})

test('A file storage stores no file that is written to meanwhile', async () => {
  const path = at('growing')
  await writeFile(path, Buffer.alloc(64 * 1024 ** 2))
  let over = false
  const growing = (async () => {
    while (!over) await appendFile(path, 'more')
  })()
  await expect(storage().put('grown', path, { contentType: 'text/plain' })).rejects.toMatchObject({ retryable: true, message: expect.stringContaining('was written to while') as string })
  over = true
  await growing
  expect(await storage().head('grown')).toBeUndefined()
})

test('A file storage refuses a key of which this disk can have no file', async () => {
  await expect(storage().put('é'.repeat(128), at('secret'), { contentType: 'text/plain' })).rejects.toMatchObject(refused)
  await expect(storage().put(`${'é'.repeat(128)}/a`, at('secret'), { contentType: 'text/plain' })).rejects.toMatchObject(refused)
  expect(await storage().head('é'.repeat(128))).toBeUndefined()
})

test('A file storage refuses what is larger than asked for, before it is fetched', async () => {
  const { url: stored } = await storage().put('sized', at('secret'), { contentType: 'text/plain' })
  await expect(storage().fetchToFile(stored, at('out', 'sized'), { maxBytes: 6 })).rejects.toMatchObject({ code: 'media/too_large', retryable: false })
  await storage().fetchToFile(stored, at('out', 'sized'), { maxBytes: 7 })
})

test.each([
  [{}, 'createFileStorage: root is required'],
  [{ root: '' }, 'createFileStorage: root must be'],
  [{ root: 'file:///var/media' }, 'createFileStorage: root must be'],
  [{ root: '~/media' }, 'createFileStorage: root must be'],
  [{ root: 'a\0b' }, 'createFileStorage: root must be'],
  [{ root: new URL('file:///var/media') }, 'createFileStorage: root must be'],
  [{ root: '/a', readableFolders: '/b' }, 'createFileStorage: readableFolders must be a list'],
  [{ root: '/a', readableFolders: ['/b', 'https://example.com'] }, 'createFileStorage: readableFolders[1] must be'],
  [{ root: '/a', readableFolder: ['/b'] }, 'Did you mean "readableFolders"?'],
])('A file storage cannot be made with %j', (options, message) => {
  expect(() => createFileStorage(options as never)).toThrow(expect.objectContaining({ code: 'definition_invalid', message: expect.stringContaining(message) as string }) as Error)
})

test('What is undefined has its default', () => {
  expect(createFileStorage({ root: '/a', readableFolders: undefined }).urlOf('b')).toBe('file:///a/b')
})
