import { CancelledError, errorAt, type TracksError } from '@track-orchestrator/registry'

/** Whatever was thrown, as a `TracksError` that knows its place. A place already known is kept: the innermost one is right. */
export const atPlace: typeof errorAt = errorAt

/** The error of work that was stopped from outside. */
export function cancelled(what: string, signal: AbortSignal): TracksError {
  const reason: unknown = signal.reason
  const why = reason instanceof Error && reason.name !== 'AbortError' ? `: ${reason.message}` : ''
  return new CancelledError(`${what} was cancelled${why}`, { cause: reason })
}

export const isCancelled = (error: { readonly code: string }): boolean => error.code === 'cancelled'
