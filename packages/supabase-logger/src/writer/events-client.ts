import { createHash } from 'node:crypto'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { DefinitionError } from '@track-orchestrator/registry'
import { WebSocket } from 'ws'

/** A Supabase client of any schema, with the service role's rights. */
// eslint-disable-next-line typescript/no-explicit-any -- supabase-js's own word for "any schema"
export type EventsClient = SupabaseClient<any, any, any>

/** A client for a server: no session is kept or refreshed. Throws `DefinitionError` where it cannot be made. */
export function createEventsClient(url: string, key: string): EventsClient {
  try {
    return createClient(url, key, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
      // Node.js has a WebSocket of its own from version 22 on; without one supabase-js throws, also where nothing is followed.
      ...(typeof globalThis.WebSocket === 'undefined' && { realtime: { transport: WebSocket as never } }),
    })
  } catch (cause) {
    throw new DefinitionError('A Supabase log needs the url (https://….supabase.co) and the service role key of a project, or a client', { cause })
  }
}

/** A folder's name for the project that a client talks to: rows of one project must never be sent to another. */
export function projectName(client: EventsClient): string {
  const { supabaseUrl = 'client' } = client as unknown as { supabaseUrl?: unknown }
  const url = String(supabaseUrl)
  const host = URL.canParse(url) ? new URL(url).host : url
  return `${host.replace(/[^\w.-]/g, '-').slice(0, 60)}-${createHash('sha256').update(url).digest('hex').slice(0, 8)}`
}
