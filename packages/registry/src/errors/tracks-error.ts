import { redact } from '../redact.ts'

/** Codes of this project's own errors. A task package names its own as `area/what`, as in `media/no_audio`. */
export type ErrorCode =
  | 'contract_violated' // data that does not fit a schema
  | 'definition_invalid' // a registry, track or orchestrator that cannot be run as it is written
  | 'provider_failed' // a service outside of us failed
  | 'terminal' // trying again cannot help
  | 'task_failed' // a handler threw something of its own
  | 'mapper_failed' // an inputMapper, when, forEach or mergeStrategy threw
  | 'timed_out'
  | 'cancelled'
  | 'handler_missing'
  | 'engine_unsupported' // the engine cannot do what was asked of it
  | 'payload_too_large'
  | `${string}/${string}`

/** Where in a run an error happened. Filled in once, by the runner. */
export interface ErrorPlace {
  readonly track?: string
  readonly step?: string
  readonly taskName?: string
  /** From 1. */
  readonly attempt?: number
}

export interface TracksErrorOptions {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly cause?: unknown
  readonly place?: ErrorPlace | undefined
}

const mark = Symbol.for('@track-orchestrator/error')

/**
 * The one base class of every error this project throws.
 * Two copies of a package may meet in one process: recognise one with `TracksError.is(error)`, not with `instanceof`.
 * Secrets and signed URLs in `message` are blotted out.
 */
export class TracksError extends Error {
  readonly code: ErrorCode
  /** Whether trying the same call again may help. The engine decides how often, and when. */
  readonly retryable: boolean
  place: ErrorPlace | undefined

  static {
    Object.defineProperty(TracksError.prototype, mark, { value: true })
  }

  constructor(message: string, options: TracksErrorOptions) {
    super(redact(message), 'cause' in options ? { cause: options.cause } : {})
    this.name = 'TracksError'
    this.code = options.code
    this.retryable = options.retryable
    this.place = options.place
  }

  static is(error: unknown): error is TracksError {
    return typeof error === 'object' && error !== null && mark in error
  }
}
