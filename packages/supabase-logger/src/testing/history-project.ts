import { randomUUID } from 'node:crypto'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import type { RunEvent, RunEventBody } from '@track-orchestrator/core'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { WebSocket } from 'ws'
import { toEventRow } from '../event-row.ts'
import { migrationSql } from '../migration-sql.ts'

/** A local project with this package's migrations, and clients for whoever calls. */
export interface HistoryProject extends SupabaseLocal {
  /** Whoever holds this token. Default: the service role. */
  client(token?: string): SupabaseClient
  /** A signed-in user of a tenant. */
  tenant(tenantId: string): SupabaseClient
  /** Inserts events, up to 500 in one batch. */
  store(events: readonly RunEvent[]): Promise<void>
}

/** `maxRows`: rows an answer holds at most. Few, so that whoever takes a short page for the last one is found out. */
export async function startHistoryProject(before: readonly string[] = [], maxRows = 100): Promise<HistoryProject> {
  const supabase = await startSupabaseLocal({ migrations: [...before, migrationSql()], maxRows })
  const client = (token?: string) => clientOf(supabase, token)
  const service = client()
  return {
    ...supabase,
    client,
    tenant: (tenantId) => client(supabase.tokenFor({ role: 'authenticated', sub: randomUUID(), app_metadata: { tenant_id: tenantId } })),
    store: async (events) => {
      for (let from = 0; from < events.length; from += 500) {
        const rows = events.slice(from, from + 500).map(toEventRow)
        const { error } = await service.rpc('store_track_run_events', { events: rows })
        if (error) throw new Error(error.message)
      }
    },
  }
}

/** supabase-js for whoever holds this token. Default: the service role. */
export function clientOf(supabase: Pick<SupabaseLocal, 'url' | 'anonKey' | 'serviceRoleKey'>, token = supabase.serviceRoleKey, fetch: typeof globalThis.fetch = globalThis.fetch): SupabaseClient {
  return createClient(supabase.url, supabase.anonKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { headers: { authorization: `Bearer ${token}` }, fetch },
    // Node 20 has no WebSocket of its own.
    realtime: { transport: WebSocket as never },
  })
}

type Facts = Partial<Pick<RunEvent, 'runId' | 'tenantId' | 'projectId' | 'userId' | 'runName' | 'at'>>

/** Events of one run with these bodies, a second apart. */
export function eventsOf(bodies: readonly RunEventBody[], facts: Facts = {}): RunEvent[] {
  const { at = Date.parse('2026-01-02T03:04:05Z'), runId = newRunId(), ...rest } = facts
  return bodies.map((body, index) => {
    const when = at + index * 1000
    return { id: eventId(when, index), at: when, sequence: index + 1, runId, runName: 'Track', tenantId: 'a', projectId: 'p', kept: true, ...rest, ...body }
  })
}

export const newRunId = (): string => eventId(Date.now(), 0)

/** A UUID v7 of this moment, for any moment: ids of one moment sort by `sequence` (to 4095). */
function eventId(at: number, sequence: number): string {
  const hex = at.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${randomUUID().slice(19)}`
}
