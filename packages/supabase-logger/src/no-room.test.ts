import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunLog } from '@track-orchestrator/core'
import { exampleEvents } from '@track-orchestrator/core/testing'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrationSql } from './migration-sql.ts'
import { eventOf, idsOf, openLog } from './testing/open-log.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

let supabase: SupabaseLocal
beforeAll(async () => {
  supabase = await startSupabaseLocal({ migrations: [migrationSql()] })
})
afterAll(() => supabase.stop())

describe('where there is no room', () => {
  const fill = (log: RunLog, runId: string, count: number, body: object, from = 1) => {
    for (let sequence = from; sequence < from + count; sequence++) log.write(eventOf(runId, sequence, body))
  }

  test('debug events are dropped first, how runs end last, and each run is told how many it lost', async () => {
    await supabase.stopDatabase()
    const { log, notices, spool } = openLog(supabase, { diskBytes: 200_000, retry: { maxDelayMs: 50 } })
    fill(log, 'full', 2_000, { level: 'debug', message: 'debug '.repeat(10) })
    const afterDebug = log.counts()
    fill(log, 'full', 2_000, { level: 'info', message: 'info '.repeat(10) }, 2_001)
    const afterInfo = log.counts()
    const end = eventOf('full', 4_001, { type: 'run.succeeded', durationMs: 5 })
    log.write(end)
    expect(afterDebug.dropped).toBeGreaterThan(0)
    expect(afterInfo.written).toBeGreaterThan(afterDebug.written)
    expect(afterInfo.dropped).toBeGreaterThan(afterDebug.dropped)
    expect(log.counts()).toMatchObject({ written: afterInfo.written + 1, dropped: afterInfo.dropped })
    expect(sizeOf(spool())).toBeLessThan(201_000)

    await supabase.startDatabase()
    await log.flush(100_000)
    await log.flush(100_000)
    const { dropped } = log.counts()
    expect(await supabase.sql(`select message, sequence::int, data from track_run_events where run_id = 'full' and level = 'warn'`)).toEqual([
      { message: `${dropped} events of this run dropped: there was no room to keep them`, sequence: 4_000, data: { fields: { dropped } } },
    ])
    expect(await supabase.sql(`select status, event_count::int as count from track_runs where run_id = 'full'`)).toEqual([
      { status: 'succeeded', count: 4_001 - dropped + 1 },
    ])
    expect(notices.map(({ code }) => code)).toContain('events_dropped')
    expect(notices.filter(({ code }) => code === 'events_dropped')).toHaveLength(1)
  })

  test('a spool that cannot be written costs no event while the process lives, and is said once', async () => {
    const file = join(temporaryFolder(), 'no-folder')
    writeFileSync(file, '')
    const { log, notices } = openLog(supabase, { spoolFolder: file })
    const events = exampleEvents()
    for (const event of events) log.write(event)
    await log.flush(100_000)
    expect(await idsOf(supabase, events[0]!.runId)).toEqual(events.map(({ id }) => id))
    expect(notices.map(({ code }) => code)).toEqual(['spool_failed'])
  })

  test('a spool that another user may read is not used', async () => {
    const spoolFolder = temporaryFolder()
    const { log, spool } = openLog(supabase, { spoolFolder })
    log.write(exampleEvents()[0]!)
    await log.close(100_000)
    chmodSync(spool(), 0o755)
    const second = openLog(supabase, { spoolFolder })
    second.log.write(exampleEvents()[0]!)
    await second.log.flush(100_000)
    expect(second.notices).toEqual([{ code: 'spool_failed', message: expect.stringContaining('chmod 700') as string }])
    expect(second.log.counts()).toMatchObject({ sent: 1 })
  })
})

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true }).reduce<number>((sum, name) => sum + (statSync(join(folder, String(name))).isFile() ? statSync(join(folder, String(name))).size : 0), 0)
}
