import { rmSync } from 'node:fs'
import { chmod, copyFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Ffmpeg } from './ffmpeg.ts'
import { isRunnable } from './is-runnable.ts'

/** The ffmpeg and ffprobe that came with npm, ready to run; nothing where they are not installed or not for this machine. */
export async function findNpmFfmpeg(): Promise<Pick<Ffmpeg, 'ffmpegPath' | 'ffprobePath' | 'source'> | undefined> {
  const paths = await installedPaths()
  if (!paths) return undefined
  const [ffmpegPath, ffprobePath] = await Promise.all([runnable(paths.ffmpegPath), runnable(paths.ffprobePath)])
  return { ffmpegPath, ffprobePath, source: 'npm' }
}

/** Both packages throw (a string, even) where the machine is not among theirs. */
async function installedPaths(): Promise<{ ffmpegPath: string; ffprobePath: string } | undefined> {
  try {
    const [ffmpeg, ffprobe] = await Promise.all([import('@ffmpeg-installer/ffmpeg'), import('@ffprobe-installer/ffprobe')])
    return { ffmpegPath: ffmpeg.default.path, ffprobePath: ffprobe.default.path }
  } catch {
    return undefined
  }
}

/** A path that can be run: npm without install scripts leaves the run bit unset. Sets it, or runs a private copy where it may not. */
async function runnable(path: string): Promise<string> {
  if (await isRunnable(path)) return path
  await chmod(path, 0o755).catch(() => {})
  if (await isRunnable(path)) return path
  const folder = await mkdtemp(join(tmpdir(), 'track-orchestrator-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const copy = join(folder, basename(path))
  await copyFile(path, copy)
  await chmod(copy, 0o700)
  return copy
}
