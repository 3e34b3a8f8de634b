import { TracksError, toTracksError, type ErrorPlace } from '@track-orchestrator/registry'

/** Whatever was thrown, as a `TracksError` that knows its place. A place already known is kept: the innermost one is right. */
export function atPlace(thrown: unknown, place: ErrorPlace): TracksError {
  const error = toTracksError(thrown)
  error.place = { ...place, ...error.place }
  return error
}

/** The error of work that was stopped from outside. */
export function cancelled(what: string, signal: AbortSignal): TracksError {
  const reason: unknown = signal.reason
  const why = reason instanceof Error && reason.name !== 'AbortError' ? `: ${reason.message}` : ''
  return new TracksError(`${what} was cancelled${why}`, { code: 'cancelled', retryable: false, cause: reason })
}

/** The signal of runs that nobody can cancel. */
export const neverAborted: AbortSignal = new AbortController().signal
