import { constants } from 'node:fs'
import { lstat, open, realpath, type FileHandle } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { codeOf } from '../error-code.ts'
import { isStorageKey } from '../storage-key.ts'

/** A file that may be read, open. */
export interface ReadableFile {
  readonly handle: FileHandle
  /** Where it lay when it was opened, links followed. Something else may lie there by now: see `bringFile`. */
  readonly path: string
  readonly sizeBytes: number
  /** Whether it is one of the storage's own. */
  readonly own: boolean
}

/** A pipe or a device that somebody put there must not hold us. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0)
/** A file that is being replaced, as `put` does it, is looked at again. */
const looks = 5

/**
 * Opens the file behind the URL, and only then looks where it lies, links followed: what was looked at is what is read, whatever is put
 * in its place. Throws `media/not_found`, and `media/url_refused` for what is no regular file below one of the folders.
 */
export async function openReadableFile(url: string, root: string, folders: readonly string[]): Promise<ReadableFile> {
  const path = pathOfUrl(url)
  if (path === undefined) throw refused(url, 'it is no file:///… URL of this machine')
  // Before anything is looked up: whether a file outside exists is not to be found out here.
  const places = [root, ...folders]
  if (!places.some((folder) => isBelow(folder, path))) throw refused(url, `only files below ${places.join(' or ')} may be read (readableFolders of createFileStorage names others)`)
  if (isBelow(root, path) && keyOfPath(root, path) === undefined) throw refused(url, 'no file of the storage has such a name')
  const handle = await open(path, flags).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG'].includes(codeOf(error))) throw new TerminalError(`There is no file at ${url}`, { code: 'media/not_found' })
    if (['ELOOP', 'ENXIO', 'EISDIR'].includes(codeOf(error))) throw refused(url, 'it is no regular file')
    throw error
  })
  try {
    const opened = await handle.stat({ bigint: true })
    const real = await whereItLies(path, opened, url)
    const [realRoot, ...realFolders] = await Promise.all(places.map((folder) => realpath(folder).catch(() => folder)))
    const own = isBelow(realRoot!, real)
    // Also a link in a readable folder, or another spelling where case does not count: whose file it is would not be seen by its URL.
    if (own && real !== join(realRoot!, relative(root, path))) throw refused(url, 'it is another name of a file in the storage')
    if (!own && !realFolders.some((folder) => isBelow(folder, real))) throw refused(url, 'it is a link to a file outside of the folders that may be read')
    if (!opened.isFile()) throw refused(url, 'it is no regular file')
    return { handle, path: real, sizeBytes: Number(opened.size), own }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function whereItLies(path: string, opened: { readonly dev: bigint; readonly ino: bigint }, url: string): Promise<string> {
  for (let look = 1; look <= looks; look++) {
    const real = await realpath(path).catch(() => undefined)
    const there = real === undefined ? undefined : await lstat(real, { bigint: true }).catch(() => undefined) // by now it may be a link
    if (real !== undefined && there?.dev === opened.dev && there.ino === opened.ino) return real
  }
  throw new TracksError(`${url} may not be read: it was replaced while it was being opened`, { code: 'media/url_refused', retryable: true })
}

/** The path that a `file:` URL of this machine names. Undefined for any other URL. */
export function pathOfUrl(url: string): string | undefined {
  try {
    const parsed = new URL(url)
    const path = parsed.protocol === 'file:' ? fileURLToPath(parsed) : undefined
    return path?.includes('\0') ? undefined : path
  } catch {
    return undefined // another host's file, an encoded slash, no URL at all
  }
}

/** The key of a path below the root. Undefined where it lies elsewhere, or under no key that a storage gives. */
export function keyOfPath(root: string, path: string): string | undefined {
  const key = isBelow(root, path) ? relative(root, path).split(sep).join('/') : ''
  return isStorageKey(key) ? key : undefined
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function refused(url: string, why: string): TerminalError {
  return new TerminalError(`${url} may not be read: ${why}`, { code: 'media/url_refused' })
}
