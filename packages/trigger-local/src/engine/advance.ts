import type { Engine } from './engine.ts'

/**
 * Moves time on: whatever waits for a date comes nearer by so much. Waits, delays, times to live, timeouts of tokens, retries in
 * the queue, lifetimes of keys, and the bucket of batch tokens. No clock changes: processes keep the real one, so a wait that
 * begins afterwards takes its whole length, and a run that works is not taken for one that stands still.
 */
export function advance(engine: Engine, durationMs: number): void {
  const now = Date.now()
  for (const run of engine.runs.values()) {
    if (run.queuedAtMs > now) run.queuedAtMs -= durationMs
    run.delayUntil = earlier(run.delayUntil, durationMs)
    run.expiresAt = earlier(run.expiresAt, durationMs)
  }
  for (const held of engine.runKeys.values()) held.expiresAt = earlier(held.expiresAt, durationMs)!
  for (const waitpoint of engine.waitpoints.values()) {
    waitpoint.completedAfter = earlier(waitpoint.completedAfter, durationMs)
    waitpoint.idempotencyKeyExpiresAt = earlier(waitpoint.idempotencyKeyExpiresAt, durationMs)
  }
  engine.bucket.filledAtMs -= durationMs
  engine.timers.advance(durationMs)
}

function earlier(date: Date | undefined, byMs: number): Date | undefined {
  return date && new Date(date.getTime() - byMs)
}
