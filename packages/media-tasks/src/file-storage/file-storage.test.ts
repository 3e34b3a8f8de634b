import { link, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
