import type { SupabaseLocal } from '@track-orchestrator/supabase-local'
import { expect } from 'vitest'

/** Locks the row of a run, as somebody who looks at it in a transaction, until the returned function lets it go. */
export async function holdRunRow({ sql }: Pick<SupabaseLocal, 'sql'>, runId: string): Promise<() => Promise<void>> {
  const held = sql(`begin; select from track_runs where run_id = '${runId}' for update; select pg_sleep(600); commit`).catch(() => undefined) // its session is ended
  const holder = `from pg_stat_activity where wait_event = 'PgSleep' and query like '%${runId}%' and pid <> pg_backend_pid()`
  await expect.poll(() => sql(`select 1 as one ${holder}`)).toHaveLength(1)
  return async () => {
    await sql(`select pg_terminate_backend(pid) ${holder}`)
    await held
  }
}
