/**
 * Milliseconds to wait, out of a `retry-after` header: seconds or a date (RFC 9110, 10.2.3). `undefined` where it is missing, or says neither;
 * 0 for a date that is over. Of several headers the first counts. There is no upper limit: that is for whoever waits (`longestRetryAfterMs`).
 */
export function readRetryAfter(header: string | readonly string[] | null | undefined, now: number = Date.now()): number | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim() ?? ''
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000)
  if (!httpDate.test(text) && !isoDate.test(text)) return undefined // `Date.parse` reads a year into nearly anything
  const until = Date.parse(text)
  return Number.isNaN(until) ? undefined : Math.max(0, until - now)
}

const httpDate = /^[a-z]{3,9},? .{1,40}(?:GMT|UTC)$/i
const isoDate = /^\d{4}-\d{2}-\d{2}T[\d:.]{5,16}(?:Z|[+-]\d{2}:?\d{2})$/i
