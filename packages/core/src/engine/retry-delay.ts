import { defaultRetry, type RetryPolicy } from '@track-orchestrator/registry'

/**
 * Milliseconds to wait after failed attempt number `attempt` (from 1): exponential, half of it left to chance, so that
 * many that failed together do not come back together. What a provider asked for (`retryAfterMs`) is waited for in any case.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: () => number, retryAfterMs = 0): number {
  const { minDelayMs, factor, maxDelayMs } = { ...defaultRetry, ...policy }
  const full = Math.min(maxDelayMs, minDelayMs * factor ** (attempt - 1))
  return Math.max(retryAfterMs, Math.round(full * (0.5 + random() / 2)))
}
