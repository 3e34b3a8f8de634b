import { constants } from 'node:fs'
import { copyFile, link, lstat, realpath, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { checkOptions, listOf, required, text } from '@track-orchestrator/registry/options'
import { sha256OfFile } from '../content-hash.ts'
import { codeOf } from '../error-code.ts'
import { throwIfStopped } from '../ffmpeg/stop.ts'
import { checkStorageKey } from '../storage-key.ts'
import type { PutOptions, Storage, StorageOptions, StoredObject } from '../storage.ts'
import { bringFile } from './bring-file.ts'
import { incomingFolder, incomingName, removeStaleFiles } from './incoming-files.ts'
import { listFiles } from './list-files.ts'
import { openFolder, type OpenFolder } from './open-folder.ts'
import { takeOver } from './take-over.ts'
import { keyOfPath, openReadableFile, pathOfUrl } from './readable-file.ts'

export interface FileStorageOptions {
  /** The path of the folder that holds everything. Made on first use. */
  readonly root: string
  /** Paths of folders that may be read besides, for media that people bring along. Default: none. */
  readonly readableFolders?: readonly string[] | undefined
}

/** Neither a URL nor what a shell would make something else of. */
const folderPath = text({ pattern: /^(?![a-z][a-z\d+.-]+:\/\/|~(?:\/|$))[^\0]+$/i, what: 'the path of a folder (no URL, no ~)' })

/**
 * A storage in a folder of this machine, with `file://` URLs. Files are read under a second name of theirs, not copied, where the
 * workspace lies on the same disk. Links inside of the folder are not followed. Throws `DefinitionError` for malformed options.
 */
export function createFileStorage(options: FileStorageOptions): Storage {
  const checked = checkOptions('createFileStorage', options, { root: required(folderPath), readableFolders: listOf(folderPath) })
  const root = resolve(checked.root)
  const readable = (checked.readableFolders ?? []).map((folder) => resolve(folder))
  const urlOf = (key: string) => pathToFileURL(join(root, checkStorageKey(key.split('/')))).href

  /** Does the work with the folder that holds the key's file open. */
  const inFolderOf = async <Result>(key: string, make: boolean, work: (folder: OpenFolder | undefined, path: string) => Promise<Result>): Promise<Result> => {
    const parts = checkStorageKey(key.split('/')).split('/')
    const name = parts.pop()!
    const folder = await openFolder(root, parts, { make })
    try {
      if (make && !folder) throw refusedKey(key, 'a file or a link stands where a folder would have to')
      return await work(folder, folder?.path(name) ?? '')
    } finally {
      await folder?.close()
    }
  }
  const look = async (key: string, path: string): Promise<StoredObject | undefined> => {
    const found = await lstat(path).catch((error: unknown) => {
      if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(codeOf(error))) return undefined
      throw error
    })
    if (!found?.isFile()) return undefined
    // Where case does not count, the file of another key would be found.
    const isSpelledSo = (await realpath(path).catch(() => undefined)) === join(await realpath(root), ...key.split('/'))
    return isSpelledSo ? { key, url: urlOf(key), sizeBytes: found.size } : undefined
  }
  const describe = async (key: string) => inFolderOf(key, false, async (folder, path) => (folder ? look(key, path) : undefined))

  let tidied: Promise<void> | undefined
  /** Copies, or takes, to where nobody looks, and only then, as `place` does it, to its path. */
  const bringIn = async (
    key: string,
    filePath: string,
    { signal, give = false }: Pick<PutOptions, 'signal' | 'give'>,
    place: (incoming: string, path: string) => Promise<void>,
  ): Promise<StoredObject> => {
    throwIfStopped(signal)
    return inFolderOf(key, true, async (_, path) => {
      const incoming = await openFolder(root, [incomingFolder], { make: true })
      if (!incoming) throw refusedKey(incomingFolder, 'a file or a link stands in its place')
      const copy = incoming.path(incomingName())
      try {
        await (tidied ??= removeStaleFiles(incoming))
        if (!give || !(await takeOver(filePath, copy))) await copyUnchanged(key, filePath, copy)
        throwIfStopped(signal)
        await requireFree(key, path, look)
        await place(copy, path).catch((error: unknown) => {
          throw codeOf(error) === 'ENAMETOOLONG' ? refusedKey(key, 'its file would have a name that is too long for this disk') : error
        })
        const { size } = await stat(path)
        return { key, url: urlOf(key), sizeBytes: size }
      } finally {
        await rm(copy, { force: true })
        await incoming.close()
      }
    })
  }

  return {
    async put(key, filePath, { signal, bucket, skipIfSame, give }) {
      refuseBucket(bucket)
      if (skipIfSame) {
        const same = await inFolderOf(key, false, async (folder, path) => {
          const there = folder && (await look(key, path))
          return there?.sizeBytes === (await stat(filePath)).size && (await haveSameContent(filePath, path, signal)) ? there : undefined
        })
        if (same) return same
      }
      return bringIn(key, filePath, { signal, give }, rename)
    },
    async putIfAbsent(key, filePath, { signal, bucket }) {
      refuseBucket(bucket)
      throwIfStopped(signal)
      const there = await describe(key)
      if (there) return { ...there, created: false }
      let created = true
      const stored = await bringIn(key, filePath, { signal }, (copy, path) => link(copy, path).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error
        created = false
      }))
      return { ...stored, created }
    },
    async fetchToFile(url, filePath, { signal, maxBytes } = {}) {
      throwIfStopped(signal)
      const file = await openReadableFile(url, root, readable)
      try {
        if (maxBytes !== undefined && file.sizeBytes > maxBytes) throw new TerminalError(`${url} has ${file.sizeBytes} bytes; the limit here is ${maxBytes}`, { code: 'media/too_large' })
        await bringFile(file, filePath, signal)
      } finally {
        await file.handle.close()
      }
    },
    owns: (url) => keyOfPath(root, pathOfUrl(url) ?? '') !== undefined,
    keyOf: (url) => keyOfPath(root, pathOfUrl(url) ?? ''),
    urlOf(key, { bucket } = {}) {
      refuseBucket(bucket)
      return urlOf(key)
    },
    async head(key, { bucket } = {}) {
      refuseBucket(bucket)
      return describe(key)
    },
    async delete(key, { bucket } = {}) {
      refuseBucket(bucket)
      await inFolderOf(key, false, async (folder, path) => {
        if (folder && (await look(key, path))) await rm(path, { force: true })
      })
    },
    async *list(prefix, { bucket, signal } = {}) {
      refuseBucket(bucket)
      for await (const key of listFiles(root, prefix)) {
        throwIfStopped(signal)
        const found = await lstat(join(root, key)).catch(() => undefined) // removed meanwhile
        if (found?.isFile()) yield { key, url: pathToFileURL(join(root, key)).href, sizeBytes: found.size }
      }
    },
  }
}

function refuseBucket(bucket: StorageOptions['bucket']): void {
  if (bucket === undefined) return
  throw new TerminalError(`There is no bucket ${JSON.stringify(bucket)}: this storage is a folder, without buckets`, { code: 'media/url_refused' })
}

function refusedKey(key: string, why: string): TerminalError {
  return new TerminalError(`Nothing can be stored under ${key}: ${why}`, { code: 'media/url_refused' })
}

/** A folder, a link or a device, or the file of a key that is spelled in another way, is not ours to replace. */
async function requireFree(key: string, path: string, look: (key: string, path: string) => Promise<StoredObject | undefined>): Promise<void> {
  const isFree = await lstat(path).then(() => false, (error: unknown) => ['ENOENT', 'ENAMETOOLONG'].includes(codeOf(error)))
  if (!isFree && !(await look(key, path))) throw refusedKey(key, 'something else lies there: a folder, a link, or the file of a key with another spelling')
}

/** A file that is written to meanwhile would be stored as it never was. */
async function copyUnchanged(key: string, filePath: string, copy: string): Promise<void> {
  const before = await stat(filePath)
  await copyFile(filePath, copy, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  const after = await stat(filePath)
  if (before.size === after.size && before.mtimeMs === after.mtimeMs && before.ino === after.ino) return
  throw new TracksError(`The file for ${key} was written to while it was being stored: nothing is stored`, { code: 'task_failed', retryable: true })
}

async function haveSameContent(one: string, other: string, signal: AbortSignal | undefined): Promise<boolean> {
  const [first, second] = await Promise.all([sha256OfFile(one, signal), sha256OfFile(other, signal)])
  return first === second
}
