import { ProviderError, TracksError } from '@track-orchestrator/registry'
import { readRetryAfter } from '@track-orchestrator/registry/waiting'
import { onStop, throwIfStopped } from '../ffmpeg/stop.ts'

export interface ProviderCall {
  /** Who is called, as a person would say it: `Deepgram`. */
  readonly provider: string
  /** Never to be seen in a message. */
  readonly apiKey: string
  /** Aborted: the call is given up. */
  readonly signal: AbortSignal
  /** From the first byte sent to the last byte of the answer, in milliseconds. */
  readonly timeoutMs: number
  /** What the service says in the body of a refusal. */
  readonly explain: (body: unknown) => string | undefined
  /** An error of our own for a refusal that is to be told, or treated, in another way than by its status. */
  readonly refusal?: (status: number, explanation: string) => TracksError | undefined
}

/**
 * Calls a service once, and says what went wrong in our words. Whoever runs the task calls again, where that can help.
 *
 * Throws `ProviderError`: with the status of a refusal, and how long to wait where the service said so (`retry-after`, in seconds or
 * as a date); without a status where the connection failed, broke in the middle, or the answer was not there in time.
 */
export async function callProvider<Result>(options: ProviderCall, call: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const { signal, timeoutMs } = options
  throwIfStopped(signal)
  const given = new AbortController()
  let release = (): void => {}
  const stopped = new Promise<never>((_, reject) => {
    const watch = onStop(options.provider, { signal, timeoutMs }, (error) => {
      const reason = signal.aborted ? error : failed(options, `had not answered to the end after ${timeoutMs / 1_000} s`)
      given.abort(reason)
      reject(reason)
    })
    release = () => watch.release()
  })
  try {
    // Whoever is called may be deaf to the signal: nobody waits for them all the same.
    return await Promise.race([call(given.signal), stopped])
  } catch (error) {
    if (given.signal.aborted) throw given.signal.reason
    throw explained(options, error)
  } finally {
    release()
  }
}

/** What the SDKs throw: an answer's status and body, or what `fetch` threw. */
interface SdkError {
  readonly statusCode?: number
  readonly body?: unknown
  readonly rawResponse?: { readonly headers?: Headers }
  readonly cause?: unknown
}

function explained(options: ProviderCall, error: unknown): TracksError {
  if (TracksError.is(error)) return error
  const { statusCode: status, body, rawResponse, cause } = error as SdkError
  if (status === undefined) return failed(options, `could not be reached, or broke off: ${reasonOf(cause ?? error)}`)
  const said = clean(options.explain(body) ?? 'it did not say why', options.apiKey)
  const refusal = options.refusal?.(status, said)
  if (refusal) return refusal
  const retryAfterMs = readRetryAfter(rawResponse?.headers?.get('retry-after'))
  return new ProviderError(`${options.provider} answered ${status}: ${said}`, { provider: options.provider, status, retryAfterMs })
}

/** Nothing came back that could be used: worth another try. */
export function failed({ provider, apiKey }: Pick<ProviderCall, 'provider' | 'apiKey'>, what: string, status?: number): ProviderError {
  return new ProviderError(`${provider} ${clean(what, apiKey)}`, { provider, retryable: true, ...(status !== undefined && { status }) })
}

/** What a service says that it counted or charged. Nothing where that is no amount: an odd one must not fail a call that was answered. */
export function amountTold(told: unknown): number | undefined {
  return typeof told === 'number' && told >= 0 && told <= Number.MAX_SAFE_INTEGER ? told : undefined
}

/** Long enough to help, too short to fill a log; and never the key, whoever repeats it (what is shorter than 8 characters is none). */
function clean(text: string, apiKey: string): string {
  const line = (apiKey.length < 8 ? text : text.replaceAll(apiKey, '[redacted]')).replace(/\s+/g, ' ').trim()
  return line.length > 500 ? `${line.slice(0, 500)}…` : line
}

/** `fetch` wraps what happened in a `TypeError`, and that in another error: the innermost one knows. */
function reasonOf(error: unknown): string {
  let innermost = error
  for (let depth = 0; depth < 5 && innermost instanceof Error && innermost.cause !== undefined; depth++) innermost = innermost.cause
  if (!(innermost instanceof Error)) return 'no reason was given'
  const code = (innermost as { code?: unknown }).code
  return typeof code === 'string' && !innermost.message.includes(code) ? `${innermost.message} (${code})` : innermost.message
}
