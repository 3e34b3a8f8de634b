import { TracksError, type ProviderError, type TaskLog } from '@track-orchestrator/registry'
import { wait } from '@track-orchestrator/registry/waiting'
import { stopError } from '../ffmpeg/stop.ts'

export interface PaceOptions {
  /** Calls at once, to begin with. */
  readonly width: number
  readonly signal: AbortSignal
  readonly log: TaskLog
}

/** How many calls a service gets at once. */
export interface Pace {
  /** Makes the call when there is room, and again, with less room, where the service says that there were too many. */
  run<Result>(call: () => Promise<Result>): Promise<Result>
}

/** A service that wants a longer rest gets it between attempts, where waiting takes up no worker. */
const longestRestMs = 10_000
const usualRestMs = 1_000

/**
 * Too many calls at once (status 429) is about our pace, not about the call: from then on half as many are made, after the rest that
 * the service asked for (1 s where it did not say). Where it wants more than 10 s, or one call at a time is too many, the 429 is thrown.
 */
export function createPace({ width, signal, log }: PaceOptions): Pace {
  let room = width
  let running = 0
  let restUntil = 0
  const waiting: (() => void)[] = []
  const wake = () => {
    for (let free = room - running; free > 0 && waiting.length > 0; free--) waiting.shift()?.()
  }

  const enter = async (): Promise<void> => {
    while (running >= room) await new Promise<void>((resolve) => waiting.push(resolve))
    running++
    const restMs = restUntil - Date.now()
    if (restMs > 0 && !(await wait(restMs, signal))) {
      leave()
      throw stopError(signal)
    }
  }
  const leave = () => {
    running--
    wake()
  }

  return {
    async run(call) {
      for (;;) {
        await enter()
        const roomBefore = room
        try {
          return await call()
        } catch (error) {
          if (!isTooMany(error) || (error.retryAfterMs ?? 0) > longestRestMs) throw error
          if (room === 1 && roomBefore === 1) throw error
          // Of those who were refused together, the first makes room smaller.
          if (room === roomBefore) {
            room = room > 2 ? Math.ceil(room / 2) : 1
            log.info(`${error.provider} says that it gets too many calls at once: from now on ${room} at a time`, { width: room })
          }
          restUntil = Math.max(restUntil, Date.now() + (error.retryAfterMs ?? usualRestMs))
        } finally {
          leave()
        }
      }
    },
  }
}

const isTooMany = (error: unknown): error is ProviderError => TracksError.is(error) && error.retryable && (error as Partial<ProviderError>).status === 429
