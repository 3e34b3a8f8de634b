import { redact } from '../redact/redact.ts'
import { nameErrorClass, type ErrorPlace } from './error-facts.ts'
import { TracksError } from './tracks-error.ts'

export interface ProviderErrorOptions {
  /** Who failed, as a person would say it: `Deepgram`, `Cloudflare R2`. */
  readonly provider: string
  /** HTTP status, if an answer came at all. */
  readonly status?: number | undefined
  /** How long the provider asked us to wait, in milliseconds, if it said so. */
  readonly retryAfterMs?: number | undefined
  /** Default: true without a status (nothing came back) and for 408, 409, 429 and 5xx. */
  readonly retryable?: boolean | undefined
  readonly cause?: unknown
  readonly place?: ErrorPlace | undefined
}

/** A service outside of us failed. Retried only where that can help. */
export class ProviderError extends TracksError {
  readonly provider: string
  readonly status: number | undefined

  static {
    nameErrorClass(ProviderError, 'ProviderError')
  }

  constructor(message: string, options: ProviderErrorOptions) {
    super(message, {
      code: 'provider_failed',
      retryable: options.retryable ?? mayPass(options.status),
      retryAfterMs: options.retryAfterMs,
      place: options.place,
      ...('cause' in options ? { cause: options.cause } : {}),
    })
    this.provider = redact(options.provider)
    this.status = options.status
  }
}

function mayPass(status: number | undefined): boolean {
  return status === undefined || status === 408 || status === 409 || status === 429 || status >= 500
}
