import { ProviderError, redact, TerminalError, TracksError } from '@track-orchestrator/registry'
import { readRetryAfter } from '@track-orchestrator/registry/waiting'
import { stopError } from '../ffmpeg/stop.ts'

/** What we read of an error of the AWS SDK, whose own fields are not to be handed on: they hold requests, with signatures. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> }
}

/** What was tried: by whom, and what, to follow "could not": `store a/b in the bucket media`. */
export interface S3Attempt {
  readonly provider: string
  readonly what: string
}

/**
 * The error to throw where a request failed: the reason of an aborted signal; `media/not_found` for a file that is not there; else
 * `ProviderError`, retryable where that can help.
 */
export function s3Error(thrown: unknown, { provider, what }: S3Attempt, signal?: AbortSignal): TracksError {
  if (signal?.aborted) return stopError(signal)
  if (TracksError.is(thrown)) return thrown
  const error = (thrown instanceof Error ? thrown : new Error(String(thrown))) as SdkError
  const told = error.$metadata?.httpStatusCode ?? error.$response?.statusCode
  const status = told !== undefined && told >= 300 ? told : undefined // 200 with garbage in it says nothing
  const name = nameOf(error)
  const cause = Object.assign(new Error(redact(error.message)), { name })
  if (name === 'NoSuchKey' || name === 'NotFound') return new TerminalError(`${provider} could not ${what}: there is no such file`, { code: 'media/not_found', cause })
  const said = status === undefined ? name : `${status}${name === 'Error' || name.includes(String(status)) ? '' : ` ${name}`}`
  return new ProviderError(`${provider} could not ${what}: ${said}${adviceOn(status, name)}`, {
    ...{ provider, status, cause },
    ...(mayPass(status, name) && { retryable: true }),
    ...(status === 501 && { retryable: false }), // what it does not know today
    retryAfterMs: readRetryAfter(error.$response?.headers?.['retry-after']),
  })
}

/** An answer that is not what the protocol promises: a 200 is not a yes. Worth another try: who answered may not have been the service. */
export function noAnswer({ provider, what }: S3Attempt, why: string): ProviderError {
  return new ProviderError(`${provider} could not ${what}: ${why}`, { provider })
}

/** The status of an error, as it was mapped above. */
export function statusOf(error: unknown): number | undefined {
  return TracksError.is(error) && 'status' in error ? (error.status as number | undefined) : undefined
}

function adviceOn(status: number | undefined, name: string): string {
  if (name === 'NoSuchBucket') return '. There is no such bucket in this account.'
  if (name === 'ExpiredRequest' || name === 'ExpiredToken') return '. The signature has expired: sign anew.'
  if (name === 'RequestTimeTooSkewed') return ". This machine's clock is wrong."
  if (name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed') return '. The bucket lies in another region.'
  if (name === 'InvalidKey') return '. This service takes only some signs in keys.'
  if (status === 401 || status === 403) return '. Check accessKeyId and secretAccessKey, and that the token may read and write this bucket.'
  if (status === 412) return '. It was replaced in between.'
  if (name === 'TimeoutError' || name === 'ETIMEDOUT') return '. The connection stood still.'
  return ''
}

/** Beside what `ProviderError` retries by itself: a file that changed may be read anew, an upload that was lost begun anew. */
function mayPass(status: number | undefined, name: string): boolean {
  return status === 412 || name === 'NoSuchUpload' || name === 'RequestTimeout'
}

/** The service's own code, or that of the network: `ECONNRESET` (which the SDK calls a timeout). */
function nameOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string' && /^[A-Z_\d]{1,60}$/.test(error.code)) return error.code
  return /^\w{1,60}$/.test(error.name) ? error.name : 'Error'
}
