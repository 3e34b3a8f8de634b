import { CancelledError, ProviderError, TracksError } from '@track-orchestrator/registry'
import { startTimer, watchAbort } from '@track-orchestrator/registry/waiting'
import { describeAnswer } from '../writer/answer.ts'
import type { HistoryClient } from './history-client.ts'

/** Whom a reader asks, and how. */
export interface Asking {
  readonly client: HistoryClient
  /** Where the tables are. */
  readonly schema: string
  /** How long an answer may take. Milliseconds. */
  readonly timeoutMs: number
  /** Aborting it ends the request that is under way. */
  readonly signal?: AbortSignal | undefined
}

/** What supabase-js answers. */
interface Answer {
  readonly data: unknown
  readonly error: { readonly message: string; readonly code?: string } | null
  readonly status: number
  readonly count?: number | null
}

export type Tables = ReturnType<HistoryClient['schema']>
interface Request extends PromiseLike<Answer> {
  abortSignal(signal: AbortSignal): PromiseLike<Answer>
}

/**
 * Makes one request, and gives its data in the form that `parse` has checked.
 * Throws `ProviderError`, retryable while Supabase is away or does not answer in time; `CancelledError` once the signal is aborted.
 * @param doing - to follow "Supabase could not": `list runs`
 * @param parse - `undefined` for data that PostgREST would not answer
 */
export async function ask<Data>(doing: string, asking: Asking, request: (tables: Tables) => Request, parse: (data: unknown, count: number | null) => Data | undefined): Promise<Data> {
  const { client, schema, timeoutMs, signal } = asking
  const ending = new AbortController()
  const releases: (() => void)[] = []
  const ended = new Promise<never>((_, reject) => {
    const end = (error: TracksError) => {
      reject(error)
      ending.abort(error)
    }
    releases.push(startTimer(timeoutMs, () => end(failed(doing, `no answer within ${timeoutMs} ms`))))
    if (signal) releases.push(watchAbort(signal, () => end(new CancelledError(`Reading was cancelled: ${doing}.`))))
  })
  try {
    // Raced, not only aborted: a fetch of the client's own may not listen.
    const answer = await Promise.race([request(client.schema(schema as 'public')).abortSignal(ending.signal), ended])
    if (answer.error) throw errorOf(doing, schema, answer)
    const data = parse(answer.data, answer.count ?? null)
    if (data === undefined) throw failed(doing, `who answers there is not Supabase (HTTP ${answer.status})`, answer.status)
    return data
  } catch (error) {
    throw TracksError.is(error) ? error : failed(doing, describeAnswer({ status: 0, message: String(error) }))
  } finally {
    for (const release of releases) release()
    ended.catch(() => {}) // it lost the race
  }
}

/** A list of rows that each have these columns: texts, and, as `moments`, times. `undefined` where it is something else. */
export function rowsWith<Row>(texts: readonly (keyof Row & string)[], moments: readonly (keyof Row & string)[] = []): (data: unknown) => Row[] | undefined {
  const isRow = (row: unknown): row is Row => {
    if (typeof row !== 'object' || row === null) return false
    const values = row as Readonly<Record<string, unknown>>
    return texts.every((name) => typeof values[name] === 'string') && moments.every((name) => typeof values[name] === 'string' && !Number.isNaN(Date.parse(values[name])))
  }
  return (data) => (Array.isArray(data) && data.every(isRow) ? data : undefined)
}

/** Codes of PostgreSQL and PostgREST for a table, column, function or schema that is not there. */
const absent: ReadonlySet<string> = new Set(['42P01', '42703', '42883', '3F000', 'PGRST106', 'PGRST202', 'PGRST204', 'PGRST205'])

/** Retryable where nothing came back, while the service is down, and when it lost its database half-way (an empty code). */
function errorOf(doing: string, schema: string, { error, status }: Answer): ProviderError {
  const { message = '', code = '' } = error ?? {}
  const advice = absent.has(code) ? ` The tables of the run history are not in the schema ${schema}, or are older than this package: apply its migrations (supabase/migrations), or name their schema.` : ''
  return failed(doing, `${describeAnswer({ status, code, message })}.${advice}`, status, status === 400 && error?.code === '' && message === '' ? true : undefined)
}

function failed(doing: string, why: string, status?: number, retryable?: boolean): ProviderError {
  return new ProviderError(`Supabase could not ${doing}: ${why.replace(/\.$/, '')}.`, { provider: 'Supabase', status: status || undefined, ...(retryable !== undefined && { retryable }) })
}
