/** How often and how late a failed call is tried again. What is left out, or `undefined`, is as `defaultRetry` says. */
export interface RetryPolicy {
  /** Tries in all, the first one included. A whole number from 1; 1 means: never again. Default 3. */
  readonly maxAttempts?: number | undefined
  /** Wait before the second attempt, in milliseconds, at most 2,147,483,647. Default 1,000. */
  readonly minDelayMs?: number | undefined
  /** The wait grows by this factor from attempt to attempt. From 1. Default 2. */
  readonly factor?: number | undefined
  /** No wait is longer, in milliseconds, at most 2,147,483,647. Default 30,000. */
  readonly maxDelayMs?: number | undefined
}

/** A policy that leaves nothing open. */
export type WholeRetryPolicy = { readonly [Name in keyof RetryPolicy]-?: number }

/** What a contract, a step or an engine falls back to where it says nothing. */
export const defaultRetry: WholeRetryPolicy = { maxAttempts: 3, minDelayMs: 1_000, factor: 2, maxDelayMs: 30_000 }

/** One policy of several, laid over `defaultRetry`: the later one counts, where it says something. `undefined` says nothing. */
export function mergeRetry(...policies: readonly (RetryPolicy | undefined)[]): WholeRetryPolicy {
  const whole: { -readonly [Name in keyof WholeRetryPolicy]: number } = { ...defaultRetry }
  for (const policy of policies) {
    for (const name of Object.keys(defaultRetry) as (keyof RetryPolicy)[]) whole[name] = policy?.[name] ?? whole[name]
  }
  return whole
}
