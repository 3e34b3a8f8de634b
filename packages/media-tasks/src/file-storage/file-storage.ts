import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, mkdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { TerminalError } from '@track-orchestrator/registry'
import { sha256OfFile } from '../content-hash.ts'
import { throwIfStopped } from '../ffmpeg/stop.ts'
import { checkStorageKey } from '../storage-key.ts'
import type { Storage, StorageOptions, StoredObject } from '../storage.ts'
import { linkFile } from './link-file.ts'
import { listFiles } from './list-files.ts'

export interface FileStorageOptions {
  /** The folder that holds everything. Made on first use. */
  readonly root: string
  /** Folders that may be read besides, for media that people bring along. Default: none. */
  readonly readableFolders?: readonly string[]
}

/** Half-written files lie here. No key can begin with a dot. */
const incomingFolder = '.incoming'

/** A storage in a folder of this machine, with `file://` URLs. Files are read by link, not copied. */
export function createFileStorage(options: FileStorageOptions): Storage {
  const root = resolve(options.root)
  const readable = [root, ...(options.readableFolders ?? []).map((folder) => resolve(folder))]
  const pathOf = (key: string) => join(root, ...checkStorageKey(key.split('/')).split('/'))
  const describe = async (key: string): Promise<StoredObject | undefined> => {
    const path = pathOf(key)
    const found = await stat(path).catch(() => undefined)
    return found?.isFile() ? { key, url: pathToFileURL(path).href, sizeBytes: found.size } : undefined
  }
  /** Copies to where nobody looks, and only then, as `place` does it, to its path. */
  const bringIn = async (key: string, filePath: string, signal: AbortSignal | undefined, place: (incoming: string, path: string) => Promise<void>) => {
    throwIfStopped(signal)
    const path = pathOf(key)
    const incoming = join(root, incomingFolder, randomUUID())
    await Promise.all([mkdir(dirname(incoming), { recursive: true }), mkdir(dirname(path), { recursive: true })])
    try {
      await copyFile(filePath, incoming, constants.COPYFILE_FICLONE)
      throwIfStopped(signal)
      await place(incoming, path)
    } finally {
      await rm(incoming, { force: true })
    }
    const { size } = await stat(path)
    return { key, url: pathToFileURL(path).href, sizeBytes: size }
  }

  return {
    async put(key, filePath, { signal, bucket, skipIfSame }) {
      refuseBucket(bucket)
      if (skipIfSame) {
        const there = await describe(key)
        if (there?.sizeBytes === (await stat(filePath)).size && (await haveSameContent(filePath, pathOf(key), signal))) return there
      }
      return bringIn(key, filePath, signal, rename)
    },
    async putIfAbsent(key, filePath, { signal, bucket }) {
      refuseBucket(bucket)
      throwIfStopped(signal)
      const there = await describe(key)
      if (there) return { ...there, created: false }
      let created = true
      const stored = await bringIn(key, filePath, signal, (incoming, path) => link(incoming, path).catch((error: unknown) => {
        if (!isThere(error)) throw error
        created = false
      }))
      return { ...stored, created }
    },
    async fetchToFile(url, filePath, { signal } = {}) {
      throwIfStopped(signal)
      await linkFile(await readablePath(url, readable), filePath)
    },
    owns(url) {
      const path = pathOfUrl(url)
      return path !== undefined && isBelow(root, path)
    },
    keyOf(url) {
      const path = pathOfUrl(url)
      return path !== undefined && isBelow(root, path) ? relative(root, path).split(sep).join('/') : undefined
    },
    urlOf(key, { bucket } = {}) {
      refuseBucket(bucket)
      return pathToFileURL(pathOf(key)).href
    },
    async head(key, { bucket } = {}) {
      refuseBucket(bucket)
      return describe(key)
    },
    async delete(key, { bucket } = {}) {
      refuseBucket(bucket)
      await rm(pathOf(key), { force: true })
    },
    async *list(prefix, { bucket } = {}) {
      refuseBucket(bucket)
      for await (const key of listFiles(root, prefix)) {
        const object = key.startsWith('.') ? undefined : await describe(key)
        if (object) yield object
      }
    },
  }
}

function refuseBucket(bucket: StorageOptions['bucket']): void {
  if (bucket === undefined) return
  throw new TerminalError(`There is no bucket ${JSON.stringify(bucket)}: this storage is a folder, without buckets`, { code: 'media/url_refused' })
}

async function haveSameContent(one: string, other: string, signal: AbortSignal | undefined): Promise<boolean> {
  const [first, second] = await Promise.all([sha256OfFile(one, signal), sha256OfFile(other, signal)])
  return first === second
}

const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST'

/** The real path behind the URL, if it is a file below one of the folders, links followed. */
async function readablePath(url: string, folders: readonly string[]): Promise<string> {
  const path = pathOfUrl(url)
  if (path === undefined) throw refused(url, 'it is no file:///… URL of this machine')
  // Before anything is looked up: whether a file outside exists is nobody's business.
  if (!folders.some((folder) => isBelow(folder, path))) throw refused(url, `only files below ${folders.join(' or ')} may be read`)
  const real = await realpath(path).catch(() => undefined)
  const found = real === undefined ? undefined : await stat(real)
  if (real === undefined || !found) throw new TerminalError(`There is no file at ${url}`, { code: 'media/not_found' })
  const realFolders = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)))
  if (!realFolders.some((folder) => isBelow(folder, real))) throw refused(url, 'it is a link to a file outside of the folders that may be read')
  if (!found.isFile()) throw refused(url, 'it is no regular file')
  return real
}

function pathOfUrl(url: string): string | undefined {
  try {
    const parsed = new URL(url)
    const path = parsed.protocol === 'file:' ? fileURLToPath(parsed) : undefined
    return path?.includes('\0') ? undefined : path
  } catch {
    return undefined // another host's file, an encoded slash, no URL at all
  }
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function refused(url: string, why: string): TerminalError {
  return new TerminalError(`${url} may not be read: ${why}`, { code: 'media/url_refused' })
}
