import { createClient } from '@supabase/supabase-js'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { createRunReader, migrationSql, type RunReader } from '@track-orchestrator/supabase-logger'
import { WebSocket } from 'ws'
import { ProgramError } from '../program/describe-failure.ts'

/** Starts a Supabase project of the demo's own on this machine (PostgreSQL and PostgREST), with the tables of the run history in it. Throws `ProgramError`, or what `signal` was aborted with. */
export async function startLocalHistory(signal: AbortSignal): Promise<SupabaseLocal> {
  signal.throwIfAborted()
  try {
    return await startSupabaseLocal({ migrations: [migrationSql()], signal })
  } catch (error) {
    signal.throwIfAborted()
    throw new ProgramError(`The local Supabase did not start: ${(error as Error).message}`)
  }
}

/** A reader like any signed-in user of the tenant: row-level security applies. */
export function readerOf(project: SupabaseLocal, tenantId: string): RunReader {
  const token = project.tokenFor({ role: 'authenticated', app_metadata: { tenant_id: tenantId } })
  const client = createClient(project.url, project.anonKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { headers: { authorization: `Bearer ${token}` } },
    realtime: { transport: WebSocket as never }, // Node 20 has none of its own
  })
  return createRunReader(client)
}
