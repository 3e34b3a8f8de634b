import { parseNaturalLanguageDurationInMs } from '@trigger.dev/core/v3/isomorphic'
import { RequestError } from './request-error.ts'

/** How long an idempotency key stands for its run unless the caller says otherwise. */
const keyLifetimeMs = 30 * 24 * 60 * 60 * 1000

/** The date that a caller means by a date, a date's text, or a duration from now such as `90s` or `2h30m`. */
export function dateFrom(given: string | Date | undefined, what: string): Date | undefined {
  if (given === undefined || given instanceof Date) return given
  const durationMs = parseNaturalLanguageDurationInMs(given)
  const date = new Date(durationMs === undefined ? given : Date.now() + durationMs)
  if (Number.isNaN(date.getTime())) throw new RequestError(`Invalid ${what} ${given}`)
  return date
}

/** When a key that is used now stops standing for what it made. */
export function keyExpiry(lifetime: string | undefined): Date {
  return dateFrom(lifetime, 'idempotencyKeyTTL') ?? new Date(Date.now() + keyLifetimeMs)
}

/** The length of a duration such as `30d` or `2h30m`, or the number itself: milliseconds, more than none. */
export function durationMsOf(given: number | string): number {
  const durationMs = typeof given === 'number' ? given : parseNaturalLanguageDurationInMs(given)
  if (durationMs === undefined || !(durationMs > 0) || !Number.isFinite(durationMs)) {
    throw new RequestError(`Not a duration: ${JSON.stringify(given)}. Say it as 90s, 15m, 2h30m, 30d or 2w, or in milliseconds.`, 400)
  }
  return durationMs
}
