import { CancelledError, type TracksError } from '@track-orchestrator/registry'

/** The error of work that was stopped from outside. */
export function cancelled(what: string, signal: AbortSignal): TracksError {
  const reason: unknown = signal.reason
  const why = reason instanceof Error && reason.name !== 'AbortError' ? `: ${reason.message}` : ''
  return new CancelledError(`${what} was cancelled${why}`, { cause: reason })
}

/** The signal of runs that nobody can cancel. */
export const neverAborted: AbortSignal = new AbortController().signal
