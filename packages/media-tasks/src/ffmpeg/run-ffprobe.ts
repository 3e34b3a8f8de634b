import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { probeMemoryBytes, type MediaLimits } from '../media-limits.ts'
import { decoders } from './decoders.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { fileArgument, gateOptions, type FfmpegInput } from './input-gate.ts'
import { startProcess, type RunningProcess } from './start-process.ts'
import { throwIfStopped, type StopOptions } from './stop.ts'

export interface FfprobeCommand extends FfmpegInput {
  /** To follow "ffmpeg could not". Default: `read <file>`. */
  readonly what?: string
  /** What to show: `-show_format`, `-show_entries …`. */
  readonly show: readonly string[]
}

export interface FfprobeOptions extends StopOptions {
  /** What is over is not read: pictures, frames and memory here. */
  readonly limits: Pick<MediaLimits, 'pixels' | 'frames' | 'memoryBytes'>
}

/** Headers and tags of an honest file are some kilobytes. */
const mostBytes = 16 * 1_024 ** 2

/** What ffprobe says as JSON, and the warnings it wrote. Throws `media/ffmpeg_failed`, and `media/too_large` above 16 MiB of it. */
export async function runFfprobe(ffmpeg: Ffmpeg, command: FfprobeCommand, options: FfprobeOptions): Promise<{ json: unknown; stderr: readonly string[] }> {
  return withUnused(async (unused) => {
    const { stdout, done } = start(ffmpeg, command, 'json', unused, options)
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of stdout) {
      bytes += (chunk as Buffer).length
      if (bytes > mostBytes) {
        throw new TerminalError(`What the file says of itself is more than ${mostBytes} bytes`, { code: 'media/too_large' })
      }
      chunks.push(chunk as Buffer)
    }
    const { stderr } = await done
    return { json: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown, stderr }
  })
}

/** What ffprobe says, line by line, as CSV without section names: memory stays flat however long the file is. */
export async function* streamFfprobe(ffmpeg: Ffmpeg, command: FfprobeCommand, options: FfprobeOptions): AsyncGenerator<string, { stderr: readonly string[] }> {
  // It says nothing before all streams are open: so the first line tells that they are.
  const { lines, first } = await withUnused(async (unused) => {
    const begun = readLines(ffmpeg, command, unused, options)
    return { lines: begun, first: await begun.next() }
  })
  try {
    for (let next = first; ; next = await lines.next()) {
      if (next.done) return next.value
      yield next.value
    }
  } finally {
    await lines.return({ stderr: [] }) // the process goes with it, where its reader has had enough
  }
}

async function* readLines(ffmpeg: Ffmpeg, command: FfprobeCommand, unused: readonly string[], options: FfprobeOptions): AsyncGenerator<string, { stderr: readonly string[] }> {
  const { stdout, done } = start(ffmpeg, command, 'csv=p=0', unused, options)
  let rest = ''
  try {
    for await (const text of stdout.setEncoding('utf8')) {
      const lines = (rest + (text as string)).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
    if (rest !== '') yield rest
  } finally {
    stdout.destroy()
  }
  return await done
}

const refusedDecoder = /Codec \(([\w-]+)\) not on whitelist/
/** Kinds of covers, subtitles and attachments in one file that nothing here reads. */
const mostUnused = 30

/**
 * ffprobe opens a decoder for every stream, and ends where one is not on the list. What is not used refuses nothing: so it is run again, and
 * may open that one too, but never hand it a packet (the demuxer's own list stays as it was). Whoever works on a stream asks
 * `isReadableCodec`.
 */
async function withUnused<Result>(read: (unused: readonly string[]) => Promise<Result>): Promise<Result> {
  const unused: string[] = []
  for (;;) {
    try {
      return await read(unused)
    } catch (error) {
      const name = TracksError.is(error) ? refusedDecoder.exec(error.message)?.[1] : undefined
      if (name === undefined || unused.includes(name) || unused.length === mostUnused) throw error
      unused.push(name)
    }
  }
}

function start(ffmpeg: Ffmpeg, command: FfprobeCommand, format: string, unused: readonly string[], options: FfprobeOptions): RunningProcess {
  throwIfStopped(options.signal)
  // With a colon, the option is the decoders' alone (ffmpeg manual, "Stream specifiers": an empty one fits every stream).
  const opened = unused.length === 0 ? [] : ['-codec_whitelist:', [...decoders, ...unused].join(',')]
  const args = ['-v', 'error', ...gateOptions(command), ...opened, ...command.show, '-of', format, '-i', fileArgument(command.path)]
  return startProcess(ffmpeg, { program: ffmpeg.ffprobePath, args }, { ...options, what: command.what ?? 'read the file', paths: [command.path], memoryBytes: probeMemoryBytes(options.limits) })
}
