import { defaultRetry, type RetryPolicy } from '@track-orchestrator/registry'
import type { task } from '@trigger.dev/sdk'
import type { Overrides } from './overrides.ts'

type TriggerTaskOptions = Parameters<typeof task>[0]

/** A run that walks only waits: a small machine will do, and a crash of it is made good by the keys of what it waited for. */
export const walkerRetry: RetryPolicy = { maxAttempts: 3, minDelayMs: 1_000, factor: 2, maxDelayMs: 10_000 }

/** A retry policy in Trigger.dev's words. */
export function retryOf(policy: RetryPolicy) {
  const { maxAttempts, minDelayMs, factor, maxDelayMs } = { ...defaultRetry, ...policy }
  return { maxAttempts, minTimeoutInMs: minDelayMs, factor, maxTimeoutInMs: maxDelayMs, randomize: true }
}

/** Where a task is to run, and for how long, in Trigger.dev's words. */
export function placed({ machine, maxDurationSeconds, ttlSeconds }: Pick<Overrides, 'machine' | 'maxDurationSeconds' | 'ttlSeconds'>): Pick<TriggerTaskOptions, 'machine' | 'maxDuration' | 'ttl'> {
  return {
    ...(machine !== undefined && { machine: machine as NonNullable<Extract<TriggerTaskOptions['machine'], string>> }),
    ...(maxDurationSeconds !== undefined && { maxDuration: maxDurationSeconds }),
    ...(ttlSeconds !== undefined && { ttl: ttlSeconds }),
  }
}
