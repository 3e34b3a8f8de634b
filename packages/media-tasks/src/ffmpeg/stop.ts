import { CancelledError, TimedOutError, TracksError } from '@track-orchestrator/registry'
import { startTimer, watchAbort } from '@track-orchestrator/registry/waiting'

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
  return new CancelledError('The work was cancelled', { cause: reason })
}

/** Throws `stopError(signal)` where the signal is aborted. */
export function throwIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw stopError(signal)
}

/** `timed_out`, retryable: a busy machine may be quicker the next time. */
export function timeoutError(what: string, timeoutMs?: number, cause?: unknown): TracksError {
  const limit = timeoutMs === undefined ? 'the time it was given' : `${timeoutMs / 1_000} s`
  return new TimedOutError(`${what} took longer than ${limit}`, { cause })
}

/** Calls `stop` with the error to report, once: when the signal aborts or the time is over. Call `release` when the work has ended. */
export function onStop(what: string, options: StopOptions, stop: (error: TracksError) => void): { release(): void } {
  const { signal, timeoutMs } = options
  const undo: (() => void)[] = []
  const release = () => {
    for (const each of undo.splice(0)) each()
  }
  const end = (error: TracksError) => {
    release()
    stop(error)
  }
  if (timeoutMs !== undefined) undo.push(startTimer(timeoutMs, () => end(timeoutError(what, timeoutMs))))
  if (signal) undo.push(watchAbort(signal, () => end(stopError(signal))))
  return { release }
}
