import { nameErrorClass, type ErrorCode, type ErrorPlace } from './error-facts.ts'
import { TracksError, type SettledItem } from './tracks-error.ts'

interface Options {
  readonly cause?: unknown
  readonly place?: ErrorPlace | undefined
}

/** We must stop: trying again would fail in the same way. Throw it from a handler to forgo the remaining attempts. */
export class TerminalError extends TracksError {
  static {
    nameErrorClass(TerminalError, 'TerminalError')
  }

  /** `code`: by default `terminal`. `items`: how each of several things ended, where none of them went well. */
  constructor(message: string, options: Options & { readonly code?: ErrorCode; readonly items?: readonly SettledItem[] } = {}) {
    super(message, { ...options, code: options.code ?? 'terminal', retryable: false })
  }
}

/** It may work when tried again, if need be after a while. Throw it from a handler to say when: what a handler throws of its own is retried too, but with the usual waits. */
export class RetryableError extends TracksError {
  static {
    nameErrorClass(RetryableError, 'RetryableError')
  }

  /** `code`: by default `task_failed`. `retryAfterMs`: not before so many milliseconds; more than 10 minutes end the step with this error. */
  constructor(message: string, options: Options & { readonly code?: ErrorCode; readonly retryAfterMs?: number | undefined } = {}) {
    super(message, { ...options, code: options.code ?? 'task_failed', retryable: true })
  }
}

/** The run, or this part of it, was cancelled. Never retried. */
export class CancelledError extends TracksError {
  static {
    nameErrorClass(CancelledError, 'CancelledError')
  }

  constructor(message: string, options: Options = {}) {
    super(message, { ...options, code: 'cancelled', retryable: false })
  }
}

/** It took longer than it may. */
export class TimedOutError extends TracksError {
  static {
    nameErrorClass(TimedOutError, 'TimedOutError')
  }

  /** `retryable`: by default true, for another attempt may be quicker. */
  constructor(message: string, options: Options & { readonly retryable?: boolean } = {}) {
    super(message, { ...options, code: 'timed_out', retryable: options.retryable ?? true })
  }
}
