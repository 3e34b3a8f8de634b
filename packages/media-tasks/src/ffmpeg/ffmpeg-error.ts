import { basename } from 'node:path'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { notStarted } from './memory-limit.ts'

/** How a process ended, if not well. */
export interface ProcessEnd {
  readonly exitCode?: number | null | undefined
  readonly killedBy?: NodeJS.Signals | null | undefined
  /** It did not even start, or its pipes broke. */
  readonly cause?: unknown
}

/** Shortages that pass: the same command may work in a minute (errno(3)). */
const passing: ReadonlySet<unknown> = new Set(['ENOMEM', 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOSPC'])
/** Lists of what is allowed, by which the end of a message would be lost. */
const allowed = / not on whitelist '[^']*'/g

const shortage = /Cannot allocate memory|No space left on device|Resource temporarily unavailable/
/** As ffmpeg says it, and x264. */
const noMemory = /Cannot allocate memory|malloc of size \d+ failed/
/** A program that is ended by one of these has a flaw that the file found, and will find it again. */
const crashes: ReadonlySet<unknown> = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL'])

export interface FfmpegErrorOptions {
  /** To be shown without their folders. */
  readonly paths?: readonly string[] | undefined
  /** The limit of memory under which it ran. Absent: none. */
  readonly memoryBytes?: number | undefined
}

/** Lines that say no more than that it failed. */
const sayNothing = /^\s*(?:Conversion failed!|Error opening (?:input|output) files?|Last message repeated|$)/

/** An error of a failed ffmpeg or ffprobe: what was tried, and its last useful words, without the folders of the paths. */
export function ffmpegError(what: string, end: ProcessEnd, lines: readonly string[], { paths, memoryBytes }: FfmpegErrorOptions = {}): TracksError {
  const code = end.cause instanceof Error && 'code' in end.cause ? end.cause.code : undefined
  const unstarted = lines.find((line) => notStarted.test(line))
  if (code === 'ENOENT' || code === 'EACCES' || unstarted !== undefined) {
    return new TerminalError(`ffmpeg could not be started, so it could not ${what}: ${unstarted ?? describeCause(end.cause)}`, {
      code: 'media/ffmpeg_missing',
      ...(end.cause !== undefined && { cause: end.cause }),
    })
  }
  const tooLarge = lines.map(overLimit).find((found) => found !== undefined)
  if (tooLarge !== undefined) return new TerminalError(`ffmpeg could not ${what}: the file has ${tooLarge}`, { code: 'media/too_large' })
  // Where the machine itself runs short, the system kills instead of refusing: so it was our limit.
  if (memoryBytes !== undefined && lines.some((line) => noMemory.test(line))) {
    const message = `ffmpeg could not ${what}: the file needs more memory than ${Math.round(memoryBytes / 2 ** 20)} MiB, the limit here`
    return new TerminalError(message, { code: 'media/too_large' })
  }
  const words = lastWords(lines, paths)
  const wasKilled = Boolean(end.killedBy) && !crashes.has(end.killedBy)
  const retryable = wasKilled || passing.has(code) || lines.some((line) => shortage.test(line))
  const said = words === '' ? '' : `: ${words}`
  return new TracksError(`ffmpeg could not ${what} (${describeEnd(end)})${said}`, {
    code: 'media/ffmpeg_failed',
    retryable,
    ...(end.cause !== undefined && { cause: end.cause }),
  })
}

/** What ffmpeg says where a file goes beyond the limits it was given, or beyond its own. It may call that a shortage of memory. */
export function overLimit(line: string): string | undefined {
  const size = /Picture size (\d+x\d+) (?:exceeds|is invalid)/.exec(line)?.[1]
  if (size !== undefined) return `pictures of ${size}, which are too large`
  return /exceeds max_streams/.test(line) ? 'too many streams' : undefined
}

/** The last two lines that say something, free of addresses in memory and of folders. */
export function lastWords(lines: readonly string[], paths: readonly string[] = []): string {
  const useful = lines.filter((line) => !sayNothing.test(line)).slice(-2)
  let text = useful.map((line) => line.replace(allowed, ' not on whitelist').replace(/^\[([^\]@]+) @ 0x[\da-f]+\] /, '$1: ').trim()).join('; ')
  for (const path of paths) text = text.replaceAll(`file:${path}`, basename(path)).replaceAll(path, basename(path))
  return text.slice(-1_000)
}

function describeEnd({ exitCode, killedBy, cause }: ProcessEnd): string {
  if (killedBy) return crashes.has(killedBy) ? `it crashed with ${killedBy}` : `killed from outside by ${killedBy}`
  if (cause !== undefined) return describeCause(cause)
  return `exit code ${exitCode ?? 'unknown'}`
}

function describeCause(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
