import { createHash } from 'node:crypto'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { DefinitionError } from '@track-orchestrator/registry'
import { readRetryAfter } from '@track-orchestrator/registry/waiting'
import { WebSocket } from 'ws'

/** A Supabase client of any schema, with the service role's rights. */
// eslint-disable-next-line typescript/no-explicit-any -- supabase-js's own word for "any schema"
export type EventsClient = SupabaseClient<any, any, any>

/** A client for a server: no session is kept or refreshed. Throws `DefinitionError` where it cannot be made. */
export function createEventsClient(url: string, key: string): EventsClient {
  try {
    return createClient(url, key, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
      global: { fetch: (input, init) => fetchWithKey(key, input, init) },
      // Node.js has a WebSocket of its own from version 22 on; without one supabase-js throws, also where nothing is followed.
      ...(typeof globalThis.WebSocket === 'undefined' && { realtime: { transport: WebSocket as never } }),
    })
  } catch (cause) {
    throw new DefinitionError('A Supabase log needs the url (https://….supabase.co) and the secret key of a project, or a client', { cause })
  }
}

/** What each request was answered with beside the answer itself: supabase-js hands on no headers. By the signal of the request. */
const waits = new WeakMap<AbortSignal, string>()

/** How long the answer to a request of our own client asks to be left alone, in milliseconds. */
export function retryAfterOf(signal: AbortSignal): number | undefined {
  return readRetryAfter(waits.get(signal))
}

/** Keys that are no tokens (`sb_secret_…`) go into the header `apikey` only. */
async function fetchWithKey(key: string, input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (key.startsWith('sb_') && headers.get('authorization') === `Bearer ${key}`) headers.delete('authorization')
  const answer = await fetch(input, { ...init, headers })
  const wait = answer.headers.get('retry-after')
  if (wait !== null && init.signal) waits.set(init.signal, wait)
  return answer
}

/** A folder's name for the project that a client talks to: rows of one project must never be sent to another. */
export function projectName(client: EventsClient): string {
  const { supabaseUrl = 'client' } = client as unknown as { supabaseUrl?: unknown }
  const url = String(supabaseUrl)
  const host = URL.canParse(url) ? new URL(url).host : url
  return `${host.replace(/[^\w.-]/g, '-').slice(0, 60)}-${createHash('sha256').update(url).digest('hex').slice(0, 8)}`
}
