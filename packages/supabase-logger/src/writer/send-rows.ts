import type { EventRow } from '../event-row.ts'
import type { EventsClient } from './events-client.ts'
import type { SendResult } from './verdict.ts'

/** Puts rows into the table of events; those that are there already stay as they are. Never rejects. */
export async function sendRows(client: EventsClient, rows: readonly EventRow[], timeoutMs: number): Promise<SendResult> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const { status, error } = await client
      .from('track_run_events')
      .upsert([...rows], { onConflict: 'id', ignoreDuplicates: true, defaultToNull: false })
      .abortSignal(signal)
    if (!error) return { status }
    const timedOut = status === 0 && signal.aborted
    const message = timedOut ? `no answer within ${timeoutMs} ms` : error.message
    return { status, code: error.code, message, timedOut }
  } catch (error) {
    // A client that throws, though supabase-js does not: a fetch of one's own.
    return { status: 0, message: error instanceof Error ? error.message : String(error), timedOut: signal.aborted }
  }
}
