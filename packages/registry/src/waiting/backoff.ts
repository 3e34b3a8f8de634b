import type { TracksError } from '../errors/tracks-error.ts'
import { mergeRetry, type RetryPolicy } from '../retry-policy.ts'

/** How waits grow from failure to failure. */
export interface Backoff {
  /** The wait after the first failure, in milliseconds. */
  readonly minDelayMs: number
  /** Default 2. */
  readonly factor?: number
  /** What it grows to, in milliseconds. A `minDelayMs` above it counts all the same. */
  readonly maxDelayMs: number
  /**
   * How much is left to chance, so that many that failed together do not come back together: `half` of the wait (default), or `full`, all of
   * it, which spreads many processes best ("Exponential Backoff And Jitter", AWS Architecture Blog).
   */
  readonly jitter?: 'half' | 'full'
}

/** How long to wait, in whole milliseconds, after `failures` in a row (from 1). `random`: from 0 up to 1. */
export function backoffDelayMs({ minDelayMs, factor = 2, maxDelayMs, jitter = 'half' }: Backoff, failures: number, random: () => number = Math.random): number {
  const grown = minDelayMs === 0 ? 0 : minDelayMs * factor ** (failures - 1) // 0 times a factor that has grown to Infinity is NaN
  const full = Math.min(Math.max(minDelayMs, maxDelayMs), grown)
  return Math.round(jitter === 'full' ? full * random() : full * (0.5 + random() / 2))
}

/** The longest wait that somebody outside may ask for (`retryAfterMs`), in milliseconds: 10 minutes. Who asks for more ends the step. */
export const longestRetryAfterMs = 600_000

/**
 * How long to wait, in milliseconds, before the attempt that follows on `attempt` (from 1); `undefined` where there is none, since the error
 * cannot be helped by another, all attempts are used up, or whoever failed asked for more than 10 minutes (`longestRetryAfterMs`).
 * What they asked for is waited for in any case; else as the policy says, half of it left to chance.
 */
export function retryDelayMs(error: Pick<TracksError, 'retryable' | 'retryAfterMs'>, policy: RetryPolicy | undefined, attempt: number, random: () => number = Math.random): number | undefined {
  const { maxAttempts, ...backoff } = mergeRetry(policy)
  const askedMs = error.retryAfterMs ?? 0
  if (!error.retryable || attempt >= maxAttempts || askedMs > longestRetryAfterMs) return undefined
  return Math.max(Math.ceil(askedMs), backoffDelayMs(backoff, attempt, random))
}
