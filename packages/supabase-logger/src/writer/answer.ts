import { redact } from '@track-orchestrator/registry'
import type { EventRow } from '../event-row.ts'
import { retryAfterOf, type EventsClient } from './events-client.ts'
import type { Notices } from './notices.ts'

/** What came back for some rows. `status`: of HTTP, 0 where nothing came back; `code`: PostgREST's or PostgreSQL's. */
export interface SendResult {
  readonly status: number
  readonly code?: string | undefined
  readonly message?: string | undefined
  /** The time for an answer was over. */
  readonly timedOut?: boolean
  /** How long the service asks to be left alone. */
  readonly retryAfterMs?: number | undefined
}

/** Puts rows into the database. Never rejects. Rows that are there already count as accepted. */
export type Send = (rows: readonly EventRow[]) => Promise<SendResult>

/** Puts rows into the table of events; those that are there already stay as they are. Never rejects. `schema`: where the table is. No rows: asks whether the service is well. */
export async function sendRows(client: EventsClient, schema: string, rows: readonly EventRow[], timeoutMs: number): Promise<SendResult> {
  const signal = AbortSignal.timeout(timeoutMs)
  const sent_at = new Date().toISOString()
  // Always in this order: two that send the same rows at once do not wait for each other in a circle.
  const sorted = rows.map((row) => ({ ...row, sent_at })).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  try {
    const { status, error, data } = (await client.schema(schema).rpc('store_track_run_events', { events: sorted }).abortSignal(signal)) as RpcAnswer
    if (!error) return isStored(status, data, rows.length) ? { status } : notPostgrest(status)
    if (status >= 200 && status < 300) return notPostgrest(status)
    const timedOut = status === 0 && signal.aborted
    const message = timedOut ? `no answer within ${timeoutMs} ms` : error.message
    return { status, code: error.code, message, timedOut, retryAfterMs: retryAfterOf(signal) }
  } catch (error) {
    // A client that throws, though supabase-js does not: a fetch of one's own.
    return { status: 0, message: error instanceof Error ? error.message : String(error), timedOut: signal.aborted }
  }
}

interface RpcAnswer {
  readonly status: number
  readonly error: { readonly code: string; readonly message: string } | null
  readonly data: unknown
}

/** PostgREST answers 200 with what the function gives: how many rows are new. Anything else is no yes: taken for one, it would cost every row. */
function isStored(status: number, data: unknown, rows: number): boolean {
  return status === 200 && Number.isInteger(data) && (data as number) >= 0 && (data as number) <= rows
}

function notPostgrest(status: number): SendResult {
  return { status: 0, message: `who answers there is not Supabase (HTTP ${status})` }
}

/**
 * What an answer means for the rows:
 * `accepted`;
 * `again`: the service is not well, later it may be;
 * `credentials`, `forbidden`, `migration`: all rows wait until somebody has mended that;
 * `row`: some row is not to PostgreSQL's liking;
 * `busy`: somebody holds what a run's rows need, and only that run has to wait;
 * `unclear`: refused, and whether for a row's sake shows when others are taken.
 */
export type Verdict = 'accepted' | 'again' | 'credentials' | 'forbidden' | 'migration' | 'row' | 'busy' | 'unclear'

/** How the service is, not a row: PostgREST's own state; lost connections, no room, shutting down, read-only after a failover, and what poolers break. */
const ofTheService = /^(?:PGRST00\d|08...|53...|57P0.|28...|3D000|25006|25P0.|26000|42P05)$/
/** Locks that others hold, deadlocks, races; a statement that took too long, as one that waits for a lock does. */
const ofTheMoment = /^(?:55P03|40...|57014)$/
/** Cardinality, data, integrity, limits (a key too long for an index). */
const ofTheRow = /^(?:21|22|23|54)...$/
/** The table, a column or a function of a later migration is not there, or not seen; the schema is not exposed. */
const ofTheSchema = /^(?:42P01|42703|42883|3F000|PGRST106|PGRST20[245])$/

/** PostgREST's codes: https://docs.postgrest.org/en/stable/references/errors.html, PostgreSQL's: Appendix A of its manual. Where there is one, the HTTP status says nothing more. */
export function verdictOf({ status, code = '', message = '', timedOut = false }: SendResult): Verdict {
  if (status >= 200 && status < 300) return 'accepted'
  if (ofTheService.test(code) || timedOut) return 'again'
  if (ofTheMoment.test(code)) return 'busy'
  if (ofTheRow.test(code)) return 'row'
  if (code === '42501') return isAboutOthers(message) ? 'unclear' : 'forbidden'
  if (/^PGRST30\d$/.test(code)) return 'credentials'
  if (ofTheSchema.test(code)) return isAboutOthers(message) ? 'unclear' : 'migration'
  if (isSqlState.test(code)) return 'unclear'
  if (status === 401) return 'credentials'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'migration'
  if (status === 413 || status === 414 || status === 431) return 'row'
  return status < 400 || status === 408 || status === 425 || status === 429 || status >= 500 ? 'again' : 'unclear'
}

/** Nothing that PostgREST or PostgreSQL has said: no answer, a connection that broke off, or a page of something in between. Whether it is about the service or about what was sent shows when something else is. */
export const isUnexplained = ({ status, code = '', retryAfterMs }: SendResult): boolean => code === '' && (status < 200 || status >= 300) && status !== 429 && retryAfterMs === undefined

/** A deadlock, or a race that another has won: over by the next try, unless a trigger says so of a row each time. */
export const isRace = ({ code = '' }: SendResult): boolean => /^40...$/.test(code)

const isSqlState = /^[0-9A-Z]{5}$/

/** A trigger of the project's own may lack a table or a right as well: then PostgreSQL names something that is not ours. */
function isAboutOthers(message: string): boolean {
  const named = /(?:relation|table|view|sequence|function|schema) "?([\w.]+)/.exec(message)?.[1]
  return named !== undefined && !/^(?:\w+\.)?(?:(?:store_|broadcast_)?track_run|run_events)/.test(named) && !message.includes('schema')
}

/** What makes the table of events. */
export const firstMigration = 'supabase/migrations/20261122000001_track_runs.sql'

const meanwhile = 'Meanwhile events are kept on disk, and sent later'

/** Says why all rows wait, and what to do, in one line. */
export function tellTrouble(notices: Notices, verdict: Verdict, result: SendResult): void {
  const answer = describeAnswer(result)
  switch (verdict) {
    case 'credentials':
      return notices.say('credentials_refused', `Supabase refuses the key or token: ${answer}. Give SUPABASE_SECRET_KEY (sb_secret_…), or SUPABASE_SERVICE_ROLE_KEY, of this project. ${meanwhile}`)
    case 'forbidden':
      return notices.say('write_forbidden', `Supabase lets this key write no events: ${answer}. Writing needs the secret key, or the service role's key. ${meanwhile}`)
    case 'migration':
      return notices.say('migration_missing', `Supabase has no table for events, or an older one: ${answer}. Apply ${firstMigration} and those after it (supabase db push). ${meanwhile}`)
    case 'unclear':
      return notices.say('batch_refused', `Supabase refuses every event: ${answer}. ${meanwhile}`)
    default:
      return notices.say('unreachable', `Supabase does not take events: ${answer}. ${meanwhile}`)
  }
}

/** `503 PGRST000: Database connection error`, on one line and without secrets. */
export function describeAnswer({ status, code, message }: SendResult): string {
  const said = redact((message ?? '').slice(0, 1_000)).replace(/\s+/g, ' ').trim().slice(0, 200)
  const what = [status === 0 ? 'no answer' : String(status), code].filter(Boolean).join(' ')
  return said === '' ? what : `${what}: ${said}`
}
