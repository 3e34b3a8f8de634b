import { unlessAborted } from '@track-orchestrator/registry/waiting'
import { stopError, throwIfStopped } from '../ffmpeg/stop.ts'

/** The last that was begun for each name, in this process. */
const lasts = new Map<string, Promise<unknown>>()

/**
 * Does the work when all that was begun before under the same name has ended: writes of one key, of which services take one after the
 * other. Throws the signal's reason where it aborts while waiting.
 */
export async function inTurn<Result>(name: string, signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
  throwIfStopped(signal)
  const before = lasts.get(name)
  let done = (): void => {}
  const own = new Promise<void>((resolve) => (done = resolve))
  const all = Promise.all([before, own])
  lasts.set(name, all)
  void all.then(() => lasts.get(name) === all && lasts.delete(name))
  try {
    if (before) {
      await (signal ? unlessAborted(before, signal) : before).catch((error: unknown) => {
        throw signal?.aborted ? stopError(signal) : error
      })
    }
    throwIfStopped(signal)
    return await work()
  } finally {
    done()
  }
}
