import { ProviderError } from '@track-orchestrator/registry'

interface Answer {
  readonly error: { readonly message: string; readonly code?: string; readonly hint?: string | null } | null
  readonly status: number
}

/** Codes of PostgreSQL and PostgREST for a table, column or function that is not there. */
const absent: ReadonlySet<string> = new Set(['42P01', '42703', '42883', 'PGRST202', 'PGRST204', 'PGRST205'])

/** The error of an answer of supabase-js. Retryable where nothing came back, while the service is down, and when it lost its database half-way (an empty code). */
export function readError(doing: string, { error, status }: Answer): ProviderError {
  const { message = '', code = '' } = error ?? {}
  const advice = absent.has(code) ? ' The tables of the run history are not there, or are older than this package: apply its migrations (supabase/migrations).' : ''
  return new ProviderError(`Supabase could not ${doing}: ${message || 'no answer'}${code && ` (${code})`}.${advice}`, {
    provider: 'Supabase',
    status: status || undefined,
    ...(status === 400 && code === '' && { retryable: true }),
  })
}
