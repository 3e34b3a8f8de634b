import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEvent } from '@track-orchestrator/core'
import { exampleEvents, runLogSuite } from '@track-orchestrator/core/testing'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSupabaseLog, type SupabaseLogOptions } from './create-supabase-log.ts'
import { migrations } from './migration-sql.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import type { LogNotice } from './writer/notices.ts'
import { firstMigration } from './writer/tell-trouble.ts'

let supabase: SupabaseLocal
beforeAll(async () => {
  supabase = await startSupabaseLocal({ migrations: migrations().map(({ sql }) => sql) })
})
afterAll(() => supabase.stop())

/** A log on the local Supabase with a spool of its own, and what it says. */
function openLog(options: SupabaseLogOptions = {}) {
  const spoolFolder = options.spoolFolder ?? temporaryFolder()
  const notices: LogNotice[] = []
  const log = createSupabaseLog({ url: supabase.url, key: supabase.serviceRoleKey, intervalMs: 20, onNotice: (notice) => notices.push(notice), ...options, spoolFolder })
  return { log, notices, spoolFolder, spool: () => join(spoolFolder, readdirSync(spoolFolder)[0]!) }
}

const idsOf = async (runId: string) =>
  (await supabase.sql<{ id: string }>('select id from track_run_events where run_id = $1 order by received_at, sequence', [runId])).map(({ id }) => id)

runLogSuite('the log to Supabase', () => {
  const spoolFolder = temporaryFolder()
  const log = createSupabaseLog({ url: supabase.url, key: supabase.serviceRoleKey, spoolFolder })
  const arrived = async () => (await supabase.sql<{ id: string }>('select id from track_run_events order by received_at, sequence')).map(({ id }) => id)
  return { log, arrived, close: async () => log.close(5_000) }
})

describe('what is written', () => {
  test('leaves out tracks that do not ask to be logged', async () => {
    const { log } = openLog()
    const [event] = exampleEvents()
    log.write({ ...event!, enableSupabaseLogging: false })
    await log.close(5_000)
    expect(log.counts()).toMatchObject({ written: 0, sent: 0 })
    expect(await idsOf(event!.runId)).toEqual([])
  })
})
