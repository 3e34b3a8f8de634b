import type { EventRow } from '../event-row.ts'

/** What came back for some rows. `status`: of HTTP, 0 where nothing came back; `code`: PostgREST's or PostgreSQL's. */
export interface SendResult {
  readonly status: number
  readonly code?: string | undefined
  readonly message?: string | undefined
  /** The time for an answer was over. */
  readonly timedOut?: boolean
}

/** Puts rows into the database. Never rejects. Rows that are there already count as accepted. */
export type Send = (rows: readonly EventRow[]) => Promise<SendResult>

/**
 * What an answer means for the rows:
 * `accepted`; `again`: the service is not well, later it may be; `credentials`, `forbidden`, `migration`: all rows wait until somebody has
 * mended that; `row`: some row is not to PostgreSQL's liking; `unclear`: refused, and whether for a row's sake shows when rows go alone.
 */
export type Verdict = 'accepted' | 'again' | 'credentials' | 'forbidden' | 'migration' | 'row' | 'unclear'

/** PostgREST's codes: https://docs.postgrest.org/en/stable/references/errors.html, PostgreSQL's: Appendix A of its manual. */
export function verdictOf({ status, code = '', timedOut = false }: SendResult): Verdict {
  if (status >= 200 && status < 300) return 'accepted'
  if (code === '42501' || (status === 403 && code === '')) return 'forbidden'
  if (status === 401 || /^PGRST30\d$/.test(code)) return 'credentials'
  // The table, a column or a function of a later migration is not there, or not seen.
  if (/^(?:42P01|42703|42883|3F000|PGRST106|PGRST20[245])$/.test(code) || status === 404) return 'migration'
  // Cardinality, data, integrity, limits (a key too long for an index), and what a trigger raises: whatever the HTTP status.
  if (/^(?:21|22|23|54|P0)...$/.test(code) || status === 413) return 'row'
  if (timedOut || status < 400 || status === 408 || status === 425 || status === 429 || status >= 500 || /^PGRST00\d$/.test(code)) return 'again'
  return 'unclear'
}
