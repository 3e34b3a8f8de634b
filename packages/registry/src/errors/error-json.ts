import { jsonOfError, summary, type ErrorJson } from './json-of-error.ts'
import { TracksError } from './tracks-error.ts'

/**
 * The JSON of any thrown value; never throws. What is not a `TracksError` becomes `task_failed`, retryable.
 * `items`: the items of a failed `forEach` too, with their outputs.
 */
export function errorToJson(error: unknown, options: { readonly items?: boolean } = {}): ErrorJson {
  return jsonOfError(toTracksError(error), options)
}

/** The value itself if it is a `TracksError`; else a retryable `task_failed` around it. */
export function toTracksError(thrown: unknown): TracksError {
  if (TracksError.is(thrown)) return thrown
  return new TracksError(summary(thrown).message, { code: 'task_failed', retryable: true, cause: thrown })
}
