import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { TracksError } from '@track-orchestrator/registry'
import { ffmpegError, type ProcessEnd } from './ffmpeg-error.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { limitOf, underMemoryLimit, type Invocation } from './memory-limit.ts'
import { collectLines } from './stderr-lines.ts'
import { onStop, type StopOptions } from './stop.ts'

/** A process whose output is being read. */
export interface RunningProcess {
  /** Read it at your own pace: the process waits. Its end means nothing until `done` has resolved. */
  readonly stdout: Readable
  /** Settles when the process is gone. Destroying `stdout` early kills the process and is no failure. */
  readonly done: Promise<{ stderr: readonly string[] }>
}

export interface StartProcessOptions extends StopOptions {
  /** To follow "ffmpeg could not". */
  readonly what: string
  /** Most memory, where the system can limit it. */
  readonly memoryBytes: number
  readonly cwd?: string | undefined
  /** Paths that messages should show without their folders. */
  readonly paths?: readonly string[]
  /** Sees each line of stderr first; what it answers true to is not kept. */
  readonly onLine?: (line: string) => boolean
}

/** Starts ffmpeg or ffprobe without a shell, with nothing to read from us. */
export function startProcess(ffmpeg: Ffmpeg, invocation: Invocation, options: StartProcessOptions): RunningProcess {
  const { program, args } = underMemoryLimit(ffmpeg, invocation, options.memoryBytes)
  const child = spawn(program, args, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
  const stderr = collectLines(options.onLine)
  let stopped: TracksError | undefined
  let unwanted = false
  const stop = onStop(`ffmpeg (to ${options.what})`, options, (error) => {
    stopped = error
    child.kill('SIGKILL')
  })

  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.add(text))
  child.stdout.on('close', () => {
    if (child.stdout.readableEnded || child.exitCode !== null || child.signalCode !== null) return
    unwanted = true
    child.kill('SIGKILL')
  })

  const done = new Promise<{ stderr: readonly string[] }>((resolve, reject) => {
    let end: ProcessEnd | undefined
    const settle = () => {
      if (end === undefined || (end.cause === undefined && !child.stderr.closed)) return
      stop.release()
      stderr.end()
      if (stopped) reject(stopped)
      else if (unwanted || (end.exitCode === 0 && end.cause === undefined)) resolve({ stderr: stderr.lines })
      else reject(ffmpegError(options.what, end, stderr.lines, { paths: options.paths, memoryBytes: limitOf(ffmpeg, options.memoryBytes) }))
    }
    const endWith = (how: ProcessEnd) => {
      end ??= how
      settle()
    }
    child.on('error', (cause) => endWith({ cause }))
    // Not the child's `close`, which waits for stdout to be read to its end: nobody may be reading any more.
    child.on('exit', (exitCode, killedBy) => endWith({ exitCode, killedBy }))
    child.stderr.on('close', settle)
  })
  done.catch(() => {}) // whoever awaits it hears of it; whoever gave up on it need not
  return { stdout: child.stdout, done }
}
