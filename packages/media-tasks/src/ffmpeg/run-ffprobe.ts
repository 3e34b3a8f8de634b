import { TerminalError } from '@track-orchestrator/registry'
import { probeMemoryBytes, type MediaLimits } from '../media-limits.ts'
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
  const { stdout, done } = start(ffmpeg, command, 'json', options)
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
}

/** What ffprobe says, line by line, as CSV without section names: memory stays flat however long the file is. */
export async function* streamFfprobe(ffmpeg: Ffmpeg, command: FfprobeCommand, options: FfprobeOptions): AsyncGenerator<string, { stderr: readonly string[] }> {
  const { stdout, done } = start(ffmpeg, command, 'csv=p=0', options)
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

function start(ffmpeg: Ffmpeg, command: FfprobeCommand, format: string, options: FfprobeOptions): RunningProcess {
  throwIfStopped(options.signal)
  const args = ['-v', 'error', ...gateOptions(command), ...command.show, '-of', format, '-i', fileArgument(command.path)]
  return startProcess(ffmpeg, { program: ffmpeg.ffprobePath, args }, { ...options, what: command.what ?? 'read the file', paths: [command.path], memoryBytes: probeMemoryBytes(options.limits) })
}
