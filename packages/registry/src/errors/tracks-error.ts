import { redact } from '../redact/redact.ts'
import { isMarked, kindOfError, nameErrorClass, type ErrorCode, type ErrorPlace } from './error-facts.ts'
import { jsonOfError, type ErrorJson } from './json-of-error.ts'

/** How one item of a `forEach`, or one sub-track of a race, ended. `cancelled`: it was stopped, or never started. */
export type SettledItem<Output = unknown> =
  | { readonly status: 'succeeded'; readonly output: Output }
  | { readonly status: 'failed'; readonly error: TracksError }
  | { readonly status: 'cancelled' }

export interface TracksErrorOptions {
  readonly code: ErrorCode
  readonly retryable: boolean
  /** How long to wait before the next attempt, in milliseconds. Below 0 or NaN: as if it were not given. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
  readonly place?: ErrorPlace | undefined
  /** How every item ended, where one of a `forEach` failed; every sub-track, where all of a race did. */
  readonly items?: readonly SettledItem[] | undefined
}

/** Longer messages are cut: they travel in events and run metadata, which have limits. */
const longestMessage = 10_000

/**
 * The one base class of every error this project throws.
 * Two copies of a package may meet in one process: recognise one with `TracksError.is(error)`, `ContractError.is(error)`
 * and so on, not with `instanceof`. Secrets and signed URLs in `message` and `code` are blotted out.
 */
export class TracksError extends Error {
  readonly code: ErrorCode
  /** Whether trying the same call again may help. The engine decides how often, and when. */
  readonly retryable: boolean
  /** How long whoever failed asked us to wait before the next attempt, in milliseconds, if they said so. */
  readonly retryAfterMs: number | undefined
  /** Where in the run it happened: set by the runner, see `errorAt`. */
  readonly place: ErrorPlace | undefined
  /** How every item ended, where one of a `forEach` failed: what finished is not lost. Where all sub-tracks of a race failed, how each did. */
  declare readonly items?: readonly SettledItem[]

  static {
    nameErrorClass(TracksError, 'TracksError')
  }

  constructor(message: string, options: TracksErrorOptions) {
    super(cut(redact(message)), 'cause' in options ? { cause: options.cause } : {})
    this.code = (typeof options.code === 'string' ? redact(options.code) : 'task_failed') as ErrorCode // whoever writes it without a compiler may leave it out
    this.retryable = (options.retryable as unknown) === true
    this.retryAfterMs = waitOf(options.retryAfterMs)
    this.place = options.place
    if (options.items) Object.defineProperty(this, 'items', { value: options.items, configurable: true, writable: true }) // not enumerable: an inspected error would print every output
  }

  /** What `errorToJson` gives: `JSON.stringify` of an error, or of a result that holds one, tells what happened. No stack, no secrets, no `items`. */
  toJSON(): ErrorJson {
    return jsonOfError(this)
  }

  /** Whether it is an error of this class, also if it was made by another copy of this package. */
  static is<Kind extends TracksError = TracksError>(this: (abstract new (...args: never[]) => Kind) | void, error: unknown): error is Kind {
    const kind = kindOfError(error)
    if (kind === undefined || !this || this.prototype === TracksError.prototype) return kind !== undefined
    return isMarked(this.prototype) ? kind === kindOfError(this.prototype) : error instanceof this
  }
}

function cut(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage - 1)}…` : message
}

function waitOf(retryAfterMs: number | undefined): number | undefined {
  if (typeof retryAfterMs !== 'number' || !(retryAfterMs >= 0)) return undefined
  return Math.min(retryAfterMs, Number.MAX_SAFE_INTEGER) // JSON knows no Infinity
}
