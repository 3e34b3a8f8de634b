/** How long to wait before the next try: a random time below a limit that doubles with each try (full jitter). */
export interface Backoff {
  /** The limit after the first failure. Milliseconds. */
  readonly minDelayMs: number
  /** What the limit grows to. Milliseconds. */
  readonly maxDelayMs: number
}

/** `failures`: how many there were in a row, from 1. Full jitter spreads many processes best ("Exponential Backoff And Jitter", AWS Architecture Blog). */
export function backoffMs(failures: number, { minDelayMs, maxDelayMs }: Backoff, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(failures - 1, 30)))
}
