import type { EventRow } from '../event-row.ts'
import type { EventsClient } from './events-client.ts'
import type { SendResult } from './verdict.ts'

/** Puts rows into the table of events; those that are there already stay as they are. Never rejects. */
export async function sendRows(client: EventsClient, rows: readonly EventRow[], timeoutMs: number): Promise<SendResult> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const { status, error, data } = await client
      .from('track_run_events')
      .upsert([...rows], { onConflict: 'id', ignoreDuplicates: true, defaultToNull: false })
      .abortSignal(signal)
    if (!error) return isStored(status, data) ? { status } : notPostgrest(status)
    if (status >= 200 && status < 300) return notPostgrest(status)
    const timedOut = status === 0 && signal.aborted
    const message = timedOut ? `no answer within ${timeoutMs} ms` : error.message
    return { status, code: error.code, message, timedOut }
  } catch (error) {
    // A client that throws, though supabase-js does not: a fetch of one's own.
    return { status: 0, message: error instanceof Error ? error.message : String(error), timedOut: signal.aborted }
  }
}

/** PostgREST answers 201, or 200, and nothing more. supabase-js makes an empty 404 a 204: taken for a yes, that would cost every row. */
function isStored(status: number, data: unknown): boolean {
  return (status === 200 || status === 201) && data === null
}

function notPostgrest(status: number): SendResult {
  return { status: 0, message: `who answers there is not Supabase (HTTP ${status})` }
}
