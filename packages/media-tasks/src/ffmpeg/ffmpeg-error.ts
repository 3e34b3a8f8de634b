import { basename } from 'node:path'
import { TerminalError, TracksError } from '@track-orchestrator/registry'

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

/** Lines that say no more than that it failed. */
const sayNothing = /^(?:Conversion failed!|Error opening (?:input|output) files?|Last message repeated|\s*$)/

/** An error of a failed ffmpeg or ffprobe: what was tried, and its last useful words, without the folders of the paths. */
export function ffmpegError(what: string, end: ProcessEnd, lines: readonly string[], paths: readonly string[] = []): TracksError {
  const code = end.cause instanceof Error && 'code' in end.cause ? end.cause.code : undefined
  if (code === 'ENOENT' || code === 'EACCES') {
    return new TerminalError(`ffmpeg could not be started, so it could not ${what}: ${describeCause(end.cause)}`, {
      code: 'media/ffmpeg_missing',
      cause: end.cause,
    })
  }
  const tooLarge = lines.map(overLimit).find((found) => found !== undefined)
  if (tooLarge !== undefined) return new TerminalError(`ffmpeg could not ${what}: the file has ${tooLarge}`, { code: 'media/too_large' })
  const words = lastWords(lines, paths)
  const retryable = Boolean(end.killedBy) || passing.has(code) || lines.some((line) => shortage.test(line))
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
  if (killedBy) return `killed from outside by ${killedBy}`
  if (cause !== undefined) return describeCause(cause)
  return `exit code ${exitCode ?? 'unknown'}`
}

function describeCause(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
