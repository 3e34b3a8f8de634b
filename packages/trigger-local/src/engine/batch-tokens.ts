import type { Engine } from './engine.ts'
import { RequestError } from './request-error.ts'

/** Takes a token for each item, or refuses all of them, saying when the bucket is filled next. */
export function takeTokens({ batchTokens: { max, refill, intervalMs }, bucket }: Engine, count: number): void {
  const steps = Math.floor((Date.now() - bucket.filledAtMs) / intervalMs)
  bucket.tokens = Math.min(max, bucket.tokens + steps * refill)
  bucket.filledAtMs += steps * intervalMs
  if (bucket.tokens >= count) {
    bucket.tokens -= count
    return
  }
  const resetAtMs = bucket.filledAtMs + intervalMs
  throw new RequestError(`Batch rate limit exceeded. Limit resets at ${new Date(resetAtMs).toISOString()}`, 429, {
    'x-ratelimit-limit': String(max),
    'x-ratelimit-remaining': String(bucket.tokens),
    'x-ratelimit-reset': String(Math.floor(resetAtMs / 1_000)),
    'retry-after': String(Math.max(1, Math.ceil((resetAtMs - Date.now()) / 1_000))),
  })
}
