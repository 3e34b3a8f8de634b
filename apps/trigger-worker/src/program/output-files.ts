import { constants, type Stats } from 'node:fs'
import { copyFile, link, lstat, mkdtemp, rename, rm, rmdir, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeFolder } from '@track-orchestrator/registry/folders'
import type { ConversionOptions } from '../conversion-options.ts'
import { describeFailure, describeSystemError, isSystemError, ProgramError } from './describe-failure.ts'
import { makeRunFolder } from './run-folder.ts'

/** The files that a run writes for the person who started it. */
export interface OutputFiles {
  readonly mp4: string
  /** Its subtitles, beside it. */
  readonly srt: string
  /** What was measured of it, as a page, where that is wanted. */
  readonly report?: string
  /** What lies there may be replaced: the person said so, or the place is ours. */
  readonly overwrite: boolean
}

/** What is needed beside the input's own size, at least: the flow keeps the picture twice, and the sound. */
const roomFactor = 2
const roomBytes = 16_000_000

/**
 * Sees before any work is done that the result can be written, and makes the folder it goes to. Throws `ProgramError` where a file or a folder
 * is in the way, where the input itself would be overwritten, or where there is too little room. `input`: the video, where it is a local file.
 * `workFolder`: where the work is done, made for its owner only; default: where the result goes.
 */
export async function prepareOutput({ mp4, srt, report, overwrite }: OutputFiles, input: string | undefined, workFolder?: string): Promise<void> {
  const video = input === undefined ? undefined : await stat(input).catch(() => undefined)
  const folder = dirname(mp4)
  await explained(`${folder} cannot be made`, () => makeFolder(folder))
  for (const file of [mp4, srt, ...(report === undefined ? [] : [report])]) {
    const there = await explained(`${file} cannot be written`, () => statusOf(file))
    if (!there) continue
    if (there.isDirectory()) throw new ProgramError(`${file} is a folder: name a file with --out`, 2)
    if (video && isSame(there, video)) throw new ProgramError(`${file} is the video itself: name another file with --out`, 2)
    if (!there.isFile() && !there.isSymbolicLink()) throw new ProgramError(`${file} is no ordinary file: name another with --out`, 2)
    if (!overwrite) throw new ProgramError(`${file} exists: add --force to replace it, or name another file with --out`, 2)
  }
  if (workFolder !== undefined) await explained(`${workFolder} cannot be made`, () => makeFolder(workFolder, { mode: 0o700 }))
  for (const needed of new Set([folder, workFolder ?? folder])) await refuseUnfit(needed, (video?.size ?? 0) * roomFactor + roomBytes)
}

/** A folder in which nothing can be made, or too little. */
async function refuseUnfit(folder: string, neededBytes: number): Promise<void> {
  await explained(`${folder} cannot be written`, async () => rmdir(await mkdtemp(join(folder, '.try-'))))
  const free = await freeBytes(folder)
  if (free < neededBytes) throw new ProgramError(`There is too little room in ${folder}: ${megabytes(free)} MB are free, and at least ${megabytes(neededBytes)} MB are needed`)
}

/** What made a run fail, seen again: a program that could not write its file may have complained of something else. To be asked before the run's folder is removed. */
export async function orFullDisk(error: unknown, folder: string): Promise<unknown> {
  const free = await freeBytes(folder).catch(() => Infinity)
  return free < roomBytes ? new ProgramError(`The disk is full: ${megabytes(free)} MB are free in ${folder}. What came of it: ${describeFailure(error)}`) : error
}

/** Some file systems cannot tell: they have no blocks at all. */
async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize, blocks } = await statfs(folder)
  return blocks > 0 ? bavail * bsize : Infinity
}

/** What lies at a path. A link counts as what it leads to, and as itself where it leads nowhere. */
async function statusOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path).catch(() => lstat(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const isSame = (a: Stats, b: Stats) => a.dev === b.dev && a.ino === b.ino
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e6 ? 1 : 0)

/** Runs what may fail for the system's reasons, which are then told in a sentence that begins with `what`. */
export async function explained<Result>(what: string, attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await attempt()
  } catch (error) {
    if (isSystemError(error)) throw new ProgramError(`${what}: ${describeSystemError(error)}`)
    throw error
  }
}

/** Where a run's results lie; only what there is has a place. */
export interface ResultFiles {
  readonly url: string
  readonly srtUrl?: string | undefined
}

/** What of a conversion's output a person asked to have beside the MP4: subtitles that are in it need no file. */
export function resultFiles({ url, srtUrl }: ResultFiles, { subtitles = 'file' }: ConversionOptions): ResultFiles {
  return { url, ...(subtitles === 'file' && srtUrl !== undefined && { srtUrl }) }
}

/** Puts the MP4, and its subtitles beside it, where they were asked for: each as a whole, or not at all. Returns the files that were written. */
export async function saveResult({ url, srtUrl }: ResultFiles, { mp4, srt, overwrite }: OutputFiles): Promise<{ readonly mp4: string; readonly srt?: string }> {
  await place(url, mp4, overwrite)
  if (srtUrl === undefined) return { mp4 }
  await place(srtUrl, srt, overwrite)
  return { mp4, srt }
}

/** Puts the report beside the result, where there is one and it is wanted. Returns the file that was written. */
export async function saveReport(url: string | undefined, { report, overwrite }: OutputFiles): Promise<string | undefined> {
  if (url === undefined || report === undefined) return undefined
  await place(url, report, overwrite)
  return report
}

/** What lies at the URL stays, and takes no room twice on the same disk: `to` is a second name of it. */
async function place(url: string, to: string, overwrite: boolean): Promise<void> {
  const from = fileURLToPath(url)
  const aside = await makeRunFolder(dirname(to))
  try {
    const whole = join(aside.path, 'new')
    // Another disk, or a file system without links.
    await link(from, whole).catch(() => copyFile(from, whole, constants.COPYFILE_FICLONE))
    if (overwrite) await rename(whole, to)
    else await placeAnew(whole, to)
  } finally {
    await aside.remove()
  }
}

/** What was made at `to` meanwhile is left alone. */
async function placeAnew(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw new ProgramError(`${to} exists by now: it was made while this run was at work, and is left alone`)
    await copyFile(from, to, constants.COPYFILE_EXCL).catch(async (failed: NodeJS.ErrnoException) => {
      if (failed.code !== 'EEXIST') await rm(to, { force: true })
      throw failed
    })
  }
}
