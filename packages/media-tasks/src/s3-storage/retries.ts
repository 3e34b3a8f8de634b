import type { S3Client } from '@aws-sdk/client-s3'
import { backoffDelayMs } from '@track-orchestrator/registry/waiting'

type RetryStrategy = Extract<NonNullable<NonNullable<ConstructorParameters<typeof S3Client>[0]>['retryStrategy']>, { refreshRetryTokenForRetry: unknown }>
type RetryToken = Awaited<ReturnType<RetryStrategy['acquireInitialRetryToken']>>

/**
 * How often one request is sent. It is repeated here, not by the run that called: one part of a big file failed, not the task.
 * What still fails after that is for the engine, which waits longer.
 */
export const maxAttempts = 3

/** A service that wants a longer rest gets it between attempts of the step, where waiting takes up no worker. */
const longestRestMs = 10_000
/** R2 takes one write a second of the same key, and answers 429 to others (developers.cloudflare.com/r2/platform/limits). */
const tooManyRestMs = 1_100
const usualRestMs = 100

/**
 * Repeats what may be better the next time: connections that broke, 408, 429 and 5xx but those that say "never" (501, 505). The SDK's own
 * strategy knows 500 and 502-504 only, not Cloudflare's 520-530, and stops repeating anything when much has failed before.
 */
export function createRetries(): RetryStrategy {
  const tokenOf = (count: number, delayMs: number): RetryToken => ({ getRetryCount: () => count, getRetryDelay: () => delayMs })
  return {
    acquireInitialRetryToken: async () => tokenOf(0, 0),
    async refreshRetryTokenForRetry(token, { error, errorType, retryAfterHint }) {
      const count = token.getRetryCount() + 1
      const status = statusOf(error)
      const mayPass = isPassing(status) || errorType === 'TRANSIENT' || errorType === 'THROTTLING'
      const restMs = retryAfterHint ? Math.max(0, retryAfterHint.getTime() - Date.now()) : backOff(count, status === 429 || errorType === 'THROTTLING' ? tooManyRestMs : usualRestMs)
      if (status === 501 || !mayPass || count >= maxAttempts || restMs > longestRestMs) throw new Error('It is not sent again')
      return tokenOf(count, restMs)
    },
    recordSuccess() {},
  }
}

const isPassing = (status: number | undefined) => status === 408 || status === 429 || (status !== undefined && status >= 500 && status !== 501 && status !== 505)

/** At least so long, and up to half as long again, so that what failed together does not come back together. */
const backOff = (count: number, leastMs: number) => leastMs * 2 ** (count - 1) + backoffDelayMs({ minDelayMs: leastMs / 2, maxDelayMs: longestRestMs, jitter: 'full' }, count)

function statusOf(error: unknown): number | undefined {
  const { $metadata, $response } = (error ?? {}) as { readonly $metadata?: { readonly httpStatusCode?: number }; readonly $response?: { readonly statusCode?: number } }
  return $metadata?.httpStatusCode ?? $response?.statusCode
}
