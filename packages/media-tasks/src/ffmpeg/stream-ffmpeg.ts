import { defaultLimits } from '../media-limits.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { fileArgument, gateOptions } from './input-gate.ts'
import { createProgressReader } from './progress.ts'
import { pathsOf, type FfmpegCommand, type RunFfmpegOptions } from './run-ffmpeg.ts'
import { startProcess, type RunningProcess } from './start-process.ts'
import { throwIfStopped } from './stop.ts'

/**
 * Starts an ffmpeg that writes to us, as in raw PCM. Read `stdout` at your own pace, then await `done`: only it tells whether all
 * came. Not through fluent-ffmpeg, which takes the end of the stream for a failure when it comes before the end of the process.
 */
export function streamFfmpeg(ffmpeg: Ffmpeg, command: Omit<FfmpegCommand, 'output'>, options: RunFfmpegOptions = {}): RunningProcess {
  throwIfStopped(options.signal)
  const progress = createProgressReader(options)
  const args = [
    ...['-nostdin', '-hide_banner', '-nostats', '-loglevel', command.logLevel ?? 'error', '-progress', 'pipe:2'],
    ...command.inputs.flatMap((input) => [...gateOptions(input), '-i', fileArgument(input.path)]),
    ...command.options,
    'pipe:1',
  ]
  return startProcess(ffmpeg, { program: ffmpeg.ffmpegPath, args }, {
    ...options,
    memoryBytes: options.memoryBytes ?? defaultLimits.memoryBytes,
    what: command.what,
    paths: pathsOf(command, options),
    onLine: (line) => progress.read(line),
  })
}
