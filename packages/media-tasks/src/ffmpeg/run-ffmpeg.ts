import type { TracksError } from '@track-orchestrator/registry'
import { defaultLimits } from '../media-limits.ts'
import { checkOutput, outputCap } from './check-output.ts'
import { ffmpegError, type ProcessEnd } from './ffmpeg-error.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { fileArgument, gateOptions, type FfmpegInput } from './input-gate.ts'
import { limitOf, underMemoryLimit } from './memory-limit.ts'
import { createSizeReader } from './picture-sizes.ts'
import { createProgressReader, type OnFfmpegProgress } from './progress.ts'
import { collectLines } from './stderr-lines.ts'
import { onStop, throwIfStopped, type StopOptions } from './stop.ts'

export interface FfmpegCommand {
  /** What is being done, to follow "ffmpeg could not": `copy the picture`. */
  readonly what: string
  readonly inputs: readonly FfmpegInput[]
  /** Options of the output: maps, filters, codecs. Never anybody's free text. */
  readonly options: readonly string[]
  /** A local path, relative to `cwd`; may be a pattern of ours. None: the result is thrown away (the null muxer). */
  readonly output?: string
  /** `info` for filters that tell their findings (loudnorm, silencedetect). Default `error`. */
  readonly logLevel?: 'error' | 'info'
  /** Tell the sizes of the pictures that are decoded for filters: `pictureSizes`. Not beside a `logLevel`. */
  readonly watchSizes?: boolean
}

export interface RunFfmpegOptions extends StopOptions {
  /** Length of what is written, so that progress can be a fraction. */
  readonly durationSeconds?: number | undefined
  /** About twice a second. */
  readonly onProgress?: OnFfmpegProgress | undefined
  /** Most bytes of the output, if it is one file. Default: no limit. */
  readonly outputBytes?: number | undefined
  /** Most memory, where the system can limit it. Default: that of `defaultLimits`. */
  readonly memoryBytes?: number | undefined
  /** Working folder of the process. */
  readonly cwd?: string | undefined
}

export interface FfmpegResult {
  /** The last lines it wrote, progress apart. */
  readonly stderr: readonly string[]
  /** Frames of picture that were written. Nothing where there is no picture. */
  readonly frameCount: number | undefined
  /** `1280x720`, each once, in the order in which they came; with `watchSizes` only. */
  readonly pictureSizes?: readonly string[]
}

/**
 * Runs one ffmpeg to its end. On abort or timeout it is killed at once (what it has written is
 * thrown away in any case), and this settles only when the process is gone.
 * Throws `media/ffmpeg_failed` (retryable only where it was killed from outside or the machine ran short of something),
 * `media/too_large` above `outputBytes`, `timed_out`, or the signal's reason.
 */
export async function runFfmpeg(ffmpeg: Ffmpeg, command: FfmpegCommand, options: RunFfmpegOptions = {}): Promise<FfmpegResult> {
  throwIfStopped(options.signal)
  const { memoryBytes = defaultLimits.memoryBytes } = options
  const progress = createProgressReader(options)
  const stderr = collectLines((line) => progress.read(line))
  const { default: createCommand } = await import('fluent-ffmpeg')
  throwIfStopped(options.signal)
  const running = createCommand({ stdoutLines: 1, ...(options.cwd !== undefined && { cwd: options.cwd }) })
  tame(running, ffmpeg, memoryBytes)
  for (const input of command.inputs) running.input(fileArgument(input.path, options.cwd)).inputOptions(...gateOptions(input))
  const sizes = command.watchSizes === true ? createSizeReader() : undefined
  running.outputOptions('-y', '-nostdin', '-hide_banner', '-nostats', '-loglevel', command.logLevel ?? sizes?.logLevel ?? 'error', '-progress', 'pipe:2')
  running.outputOptions(...outputCap(command.output, options.outputBytes), ...command.options, ...(command.output === undefined ? ['-f', 'null'] : []))
  running.output(command.output === undefined ? '-' : `file:${command.output}`)

  let stopped: TracksError | undefined
  let started = false
  const stop = onStop(`ffmpeg (to ${command.what})`, options, (error) => {
    stopped = error
    if (started) running.kill('SIGKILL')
  })
  try {
    await new Promise<void>((resolve, reject) => {
      running.on('start', () => {
        started = true
        if (stopped) running.kill('SIGKILL')
      })
      // Never the `progress` event: it makes fluent-ffmpeg run an ffprobe of its own, past our gate.
      running.on('stderr', (line: string) => {
        const left = sizes ? sizes.read(line) : line
        if (left !== undefined) stderr.add(`${left}\n`)
      })
      running.on('end', () => resolve())
      running.on('error', reject)
      running.run()
    })
  } catch (cause) {
    if (stopped) throw stopped
    throw ffmpegError(command.what, processEnd(cause), stderr.lines, { paths: pathsOf(command, options), memoryBytes: limitOf(ffmpeg, memoryBytes) })
  } finally {
    stop.release()
  }
  if (stopped) throw stopped
  await checkOutput(command.what, command.output, options.outputBytes, options.cwd)
  return { stderr: stderr.lines, frameCount: progress.frameCount(), ...(sizes && { pictureSizes: sizes.sizes() }) }
}

/** What of fluent-ffmpeg's inside is put right. Private to it, hence the pinned version (2.1.3, its last). */
interface Inside {
  _spawnFfmpeg(args: string[], options: object, onProcess: unknown, onEnd: OnEnd): void
}
type Lines = { get(): string }
type OnEnd = (error: Error | null, stdout?: Lines, stderr?: Lines) => void

const noLines: Lines = { get: () => '' }

/**
 * Left alone, it asks the binary for its formats and encoders first, and misreads what newer ones answer; it has one path for the
 * whole process and knows no limit of memory; and where the program cannot be started, it throws a TypeError that nobody can catch.
 */
function tame(running: object, ffmpeg: Ffmpeg, memoryBytes: number): void {
  const inside = running as Inside
  const spawn = inside._spawnFfmpeg.bind(running)
  const limited = (args: readonly string[]) => underMemoryLimit(ffmpeg, { program: ffmpeg.ffmpegPath, args }, memoryBytes)
  Object.assign(running, {
    _checkCapabilities: (done: () => void) => done(),
    availableEncoders: (done: (error: null, encoders: object) => void) => done(null, {}),
    _getFfmpegPath: (done: (error: null, path: string) => void) => done(null, limited([]).program),
    _spawnFfmpeg: (args: string[], options: object, onProcess: unknown, onEnd: OnEnd) =>
      spawn([...limited(args).args], options, onProcess, (error, stdout = noLines, stderr = noLines) => onEnd(error, stdout, stderr)),
  })
}

/** Every path that a message should not show in full. */
export function pathsOf(command: FfmpegCommand, options: RunFfmpegOptions): string[] {
  const paths = [...command.inputs.map((input) => input.path), ...(command.output === undefined ? [] : [command.output])]
  if (options.cwd !== undefined) paths.push(options.cwd)
  return paths
}

/** fluent-ffmpeg tells in words how the process ended. */
function processEnd(cause: unknown): ProcessEnd {
  const message = cause instanceof Error ? cause.message : String(cause)
  const signal = /killed with signal (\w+)/.exec(message)?.[1]
  if (signal) return { killedBy: signal as NodeJS.Signals }
  const exitCode = /exited with code (\d+)/.exec(message)?.[1]
  return exitCode === undefined ? { cause } : { exitCode: Number(exitCode) }
}
