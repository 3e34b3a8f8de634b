import { TracksError } from '@track-orchestrator/registry'

/** What ends a process before it has finished. */
export interface StopOptions {
  readonly signal?: AbortSignal | undefined
  /** Wall time, in milliseconds. Default: none. */
  readonly timeoutMs?: number | undefined
}

/** The error behind an aborted signal: its reason where that is one of ours; else `timed_out` or `cancelled`. */
export function stopError(signal: AbortSignal): TracksError {
  const reason: unknown = signal.reason
  if (TracksError.is(reason)) return reason
  if (reason instanceof Error && reason.name === 'TimeoutError') return timeoutError('The work', undefined, reason)
  return new TracksError('The work was cancelled', { code: 'cancelled', retryable: false, cause: reason })
}

/** Throws `stopError(signal)` where the signal is aborted. */
export function throwIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw stopError(signal)
}

/** `timed_out`, retryable: a busy machine may be quicker the next time. */
export function timeoutError(what: string, timeoutMs?: number, cause?: unknown): TracksError {
  const limit = timeoutMs === undefined ? 'the time it was given' : `${timeoutMs / 1_000} s`
  return new TracksError(`${what} took longer than ${limit}`, { code: 'timed_out', retryable: true, cause })
}

/** Calls `stop` with the error to report, once: when the signal aborts or the time is over. Call `release` when the work has ended. */
export function onStop(what: string, options: StopOptions, stop: (error: TracksError) => void): { release(): void } {
  const { signal, timeoutMs } = options
  const abort = () => {
    release()
    if (signal) stop(stopError(signal))
  }
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          release()
          stop(timeoutError(what, timeoutMs))
        }, timeoutMs)
  const release = () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  return { release }
}
