import { execFile } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { TerminalError } from '@track-orchestrator/registry'
import { checkOptions, recordOf, text } from '@track-orchestrator/registry/options'
import { defaultLimits, probeMemoryBytes } from '../media-limits.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { isRunnable } from './is-runnable.ts'
import { underMemoryLimit } from './memory-limit.ts'
import { findNpmFfmpeg } from './npm-ffmpeg.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface FindFfmpegOptions {
  /** Where `FFMPEG_PATH`, `FFPROBE_PATH` and `PATH` are looked up. Default: `process.env`. */
  readonly env?: Environment | undefined
}

type Found = Pick<Ffmpeg, 'ffmpegPath' | 'ffprobePath' | 'source'>

/** What the tasks encode with. */
const neededEncoders = ['libx264', 'aac', 'libmp3lame'] as const

const run = promisify(execFile)

/**
 * Finds ffmpeg and ffprobe: `FFMPEG_PATH` and `FFPROBE_PATH`, then the `PATH`, then the npm packages `@ffmpeg-installer/ffmpeg` and
 * `@ffprobe-installer/ffprobe` (optional peers). Throws `media/ffmpeg_missing` where there is none, or where it cannot encode
 * H.264, AAC and MP3. It starts ffmpeg and ffprobe a few times: call it once, when the worker starts.
 */
export async function findFfmpeg(options?: FindFfmpegOptions): Promise<Ffmpeg> {
  const { env = process.env } = checkOptions('findFfmpeg', options, { env: recordOf(text({ minLength: 0 })) })
  const found = (await inEnvironment(env)) ?? (await onPath(env)) ?? (await findNpmFfmpeg())
  if (!found) throw missing('No ffmpeg was found')
  const [versionText, encoders, help, filters, prlimitPath] = await Promise.all([
    ask(found.ffmpegPath, '-version'),
    ask(found.ffmpegPath, '-hide_banner', '-encoders'),
    ask(found.ffmpegPath, '-hide_banner', '-h', 'long'),
    ask(found.ffmpegPath, '-hide_banner', '-filters'),
    findPrlimit(env, found),
    ask(found.ffprobePath, '-version'),
  ])
  const absent = neededEncoders.filter((name) => !new RegExp(`^ [VA]\\S{5} ${name} `, 'm').test(encoders))
  const version = /^ffmpeg version (\S+)/.exec(versionText)?.[1] ?? 'unknown'
  if (absent.length > 0) {
    throw missing(`ffmpeg ${version} at ${found.ffmpegPath} was built without ${absent.join(', ')}, so it cannot make H.264, AAC and MP3`)
  }
  return {
    ...{ ...found, version, prlimitPath, notes: notesOn(found, prlimitPath) },
    supportsFpsMode: /^-fps_mode\b/m.test(help),
    supportsToneMapping: ['zscale', 'tonemap'].every((name) => filters.includes(` ${name} `)),
  }
}

async function inEnvironment(env: Environment): Promise<Found | undefined> {
  const { FFMPEG_PATH: ffmpegPath, FFPROBE_PATH: ffprobePath } = env
  if (!ffmpegPath && !ffprobePath) return undefined
  for (const [name, path] of Object.entries({ FFMPEG_PATH: ffmpegPath, FFPROBE_PATH: ffprobePath })) {
    if (path && !(await isRunnable(path))) throw missing(`${name} says ${path}, which is no program that can be run`)
  }
  const completed = { ffmpegPath: ffmpegPath || (await which('ffmpeg', env)), ffprobePath: ffprobePath || (await which('ffprobe', env)) }
  if (!completed.ffmpegPath || !completed.ffprobePath) {
    throw missing(ffmpegPath ? 'FFMPEG_PATH is set, but FFPROBE_PATH is not' : 'FFPROBE_PATH is set, but FFMPEG_PATH is not')
  }
  return { ffmpegPath: completed.ffmpegPath, ffprobePath: completed.ffprobePath, source: 'environment' }
}

async function onPath(env: Environment): Promise<Found | undefined> {
  const [ffmpegPath, ffprobePath] = await Promise.all([which('ffmpeg', env), which('ffprobe', env)])
  return ffmpegPath && ffprobePath ? { ffmpegPath, ffprobePath, source: 'path' } : undefined
}

async function which(name: string, env: Environment): Promise<string | undefined> {
  const file = process.platform === 'win32' ? `${name}.exe` : name
  for (const folder of (env['PATH'] ?? env['Path'] ?? '').split(delimiter)) {
    if (folder !== '' && (await isRunnable(join(folder, file)))) return join(folder, file)
  }
  return undefined
}

/** `prlimit` of util-linux, if it can hold a program under a limit: in some sandboxes it may not. */
async function findPrlimit(env: Environment, { ffprobePath }: Found): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const prlimitPath = await which('prlimit', { PATH: [env['PATH'] ?? '', '/usr/bin', '/bin'].join(delimiter) })
  if (prlimitPath === undefined) return undefined
  const { program, args } = underMemoryLimit({ prlimitPath }, { program: ffprobePath, args: ['-version'] }, probeMemoryBytes(defaultLimits))
  return run(program, args, { timeout: 30_000 }).then(() => prlimitPath, () => undefined) // prettier-ignore
}

function notesOn({ source }: Found, prlimitPath: string | undefined): string[] {
  return [
    ...(source === 'npm' ? ['Using the ffmpeg that came with npm. It is from 2018 and has had no security fixes since: install ffmpeg before you feed it files of others.'] : []),
    ...(prlimitPath === undefined ? ['There is no prlimit here (util-linux), so nothing limits the memory that ffmpeg takes for a file: give the whole process a limit before you feed it files of others.'] : []),
  ]
}

async function ask(program: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run(program, args, { timeout: 30_000, maxBuffer: 16 * 1024 * 1024 })
    return stdout
  } catch (cause) {
    throw missing(`${program} does not run`, cause)
  }
}

function missing(why: string, cause?: unknown): TerminalError {
  return new TerminalError(
    `${why}. Three ways to get one: install it (apt install ffmpeg, brew install ffmpeg); set FFMPEG_PATH and FFPROBE_PATH; ` +
      `or, for a trial, npm install @ffmpeg-installer/ffmpeg @ffprobe-installer/ffprobe.`,
    { code: 'media/ffmpeg_missing', ...(cause !== undefined && { cause }) },
  )
}
