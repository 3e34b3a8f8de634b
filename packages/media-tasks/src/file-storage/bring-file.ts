import { constants, createWriteStream, existsSync } from 'node:fs'
import { copyFile, link, lstat, rm, symlink } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { stopError } from '../ffmpeg/stop.ts'
import type { ReadableFile } from './readable-file.ts'

/**
 * Makes the very file that is open readable at another path: under a second name where both lie on one disk, else as a copy, which
 * takes no room where the file system shares it. A file of the storage's own, which only the storage replaces, may be a link.
 */
export async function bringFile(file: ReadableFile, target: string, signal: AbortSignal | undefined): Promise<void> {
  const named = await secondName(file, target)
  if (named === 'given') return
  if (named === 'refused' && file.own && (await isLinked(file, target))) return
  await copyOpen(file, target, signal)
}

/** By its path another file could have been named meanwhile: then the name is taken back, and no link would lead to the one that is open. */
async function secondName({ handle, path }: ReadableFile, target: string): Promise<'given' | 'refused' | 'gone'> {
  try {
    await link(path, target)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw error
    if (code === 'ENOENT') return 'gone' // deleted since
    return 'refused' // another disk, or a file of somebody else, of which the system lets us make no names (proc_sys_fs(5), protected_hardlinks)
  }
  const [opened, named] = await Promise.all([handle.stat({ bigint: true }), lstat(target, { bigint: true })])
  if (opened.dev === named.dev && opened.ino === named.ino) return 'given'
  await rm(target, { force: true })
  return 'gone'
}

/** Windows lets only some people make links. */
const isLinked = async ({ path }: ReadableFile, target: string): Promise<boolean> => symlink(path, target, 'file').then(() => true, () => false)

async function copyOpen({ handle }: ReadableFile, target: string, signal: AbortSignal | undefined): Promise<void> {
  const descriptor = `/proc/self/fd/${handle.fd}`
  try {
    if (existsSync(descriptor)) await copyFile(descriptor, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
    else await pipeline(handle.createReadStream({ autoClose: false, start: 0 }), createWriteStream(target, { flags: 'wx', mode: 0o600 }), { ...(signal && { signal }) })
    if (signal?.aborted) throw stopError(signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(target, { force: true })
    throw signal?.aborted ? stopError(signal) : error
  }
}
