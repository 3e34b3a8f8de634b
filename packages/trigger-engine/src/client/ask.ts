import { ProviderError, TerminalError, TracksError, type ErrorCode } from '@track-orchestrator/registry'
import { backoffDelayMs, readRetryAfter, wait } from '@track-orchestrator/registry/waiting'
import { ApiError } from '@trigger.dev/sdk'

/** How often an answer is asked for again that came whole and says nothing: the SDK itself asks again where there was none, or a bad status. */
const askedAgain = 2

/**
 * What the SDK gives for a request that may be sent twice; `what` says what it was to do. Throws errors of ours: `client/not_configured`,
 * `client/unauthorized`, `client/not_found`, `client/refused`, and `provider_failed` for what may pass.
 */
export async function ask<Answer>(what: string, request: () => PromiseLike<Answer>): Promise<Answer> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await request()
    } catch (thrown) {
      if (failures > askedAgain || !isGarbled(thrown)) throw toOurs(what, thrown)
      await wait(backoffDelayMs({ minDelayMs: 200, maxDelayMs: 1_000 }, failures))
    }
  }
}

/** A page of a proxy, or half an answer, under a status that says all is well. */
function isGarbled(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.status !== undefined && thrown.status < 300
}

const refusals: Readonly<Record<number, { readonly code: ErrorCode; readonly advice: string }>> = {
  401: { code: 'client/unauthorized', advice: 'Check TRIGGER_SECRET_KEY: it has to be a key of this project and environment.' },
  403: { code: 'client/unauthorized', advice: 'The key may not do that: use the secret key of this project and environment.' },
  404: { code: 'client/not_found', advice: 'Check the name or id, and that TRIGGER_SECRET_KEY is of the environment (development, production) that the worker runs in.' },
}

function toOurs(what: string, thrown: unknown): TracksError {
  if (TracksError.is(thrown)) return thrown
  const said = oneLine(thrown instanceof Error ? thrown.message : String(thrown))
  if (!(thrown instanceof ApiError)) {
    if (thrown instanceof Error && thrown.name === 'ApiClientMissingError') {
      return new TerminalError(`Trigger.dev could not be asked to ${what}: there is no key. Set TRIGGER_SECRET_KEY, or call the SDK's configure().`, { code: 'client/not_configured', cause: thrown })
    }
    return new TerminalError(`Trigger.dev could not be asked to ${what}: ${said}`, { code: 'client/refused', cause: thrown })
  }
  const { status, headers } = thrown
  const told = `Trigger.dev did not ${what}: ${said || 'no answer'}`
  if (isGarbled(thrown)) return new ProviderError(`Trigger.dev did not ${what}: its answer (HTTP ${status}) could not be read. Check TRIGGER_API_URL.`, { provider: 'Trigger.dev', status, retryable: true, cause: thrown })
  const error = new ProviderError(told, { provider: 'Trigger.dev', status, retryAfterMs: readRetryAfter(headers?.['retry-after'] ?? null), cause: thrown })
  if (error.retryable) return error
  const { code = 'client/refused', advice = '' } = refusals[status ?? 0] ?? {}
  return new TerminalError(advice === '' ? told : `${told}. ${advice}`, { code, cause: thrown })
}

/** What a server says may be a page. */
function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 500 ? `${line.slice(0, 500)}…` : line
}

interface Pausing {
  readonly pollMs: number
  /** Milliseconds since 1970, after which no further look is tried. */
  readonly until: number
  readonly signal: AbortSignal | undefined
}

/** How many looks in a row may fail with what may pass. */
const missesInARow = 10

/** What a look gives; one that fails with what may pass is tried again, not before the time that Trigger.dev asks for. */
export async function pausing<Answer>(look: () => Promise<Answer>, { pollMs, until, signal }: Pausing): Promise<Answer> {
  for (let misses = 1; ; misses += 1) {
    try {
      return await look()
    } catch (error) {
      if (!TracksError.is(error) || !error.retryable || misses > missesInARow || Date.now() >= until) throw error
      await wait(Math.min(Math.max(pollMs, error.retryAfterMs ?? 0), Math.max(0, until - Date.now())), signal)
      signal?.throwIfAborted()
    }
  }
}
