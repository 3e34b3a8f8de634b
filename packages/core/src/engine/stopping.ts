import { setMaxListeners } from 'node:events'
import { CancelledError } from '@track-orchestrator/registry'

/** The error of work that was stopped from outside. */
export function cancelled(what: string, signal: AbortSignal): CancelledError {
  const reason: unknown = signal.reason
  const why = reason instanceof Error && reason.name !== 'AbortError' ? `: ${reason.message}` : ''
  return new CancelledError(`${what} was cancelled${why}`, { cause: reason })
}

/** The signal, without Node's warning of the eleventh listener: as many handlers as run side by side may listen to it. */
export function forManyListeners(signal: AbortSignal): AbortSignal {
  try {
    setMaxListeners(0, signal)
  } catch {
    // A signal of a library, or of another realm, that Node does not know warns of nothing.
  }
  return signal
}

const runsOfOne = 1_000
let runs = 0
let resting = forManyListeners(new AbortController().signal)

/**
 * The signal of a run that nobody can cancel. Many runs share one, for making it costs as much as a hundred steps; not all of them, for
 * handlers leave listeners on it, which would fill the memory of a process that lives long.
 */
export function uncancellable(): AbortSignal {
  if (++runs % runsOfOne === 0) resting = forManyListeners(new AbortController().signal)
  return resting
}

/** Whether the signal is known never to be aborted: then nothing need be done about it. */
export const isUncancellable = (signal: AbortSignal): boolean => signal === resting
