import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEvent } from '@track-orchestrator/core'
import { createRunner } from '@track-orchestrator/core/in-process'
import { exampleEvents, runLogSuite } from '@track-orchestrator/core/testing'
import { DefinitionError, defineRegistry, defineTask, errorToJson, type TaskContext } from '@track-orchestrator/registry'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { createSupabaseLog } from './create-supabase-log.ts'
import { toEventRow } from './event-row.ts'
import { migrationSql } from './migration-sql.ts'
import { eventOf, idsOf, openLog } from './testing/open-log.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { toLine } from './writer/segment.ts'

let supabase: SupabaseLocal
beforeAll(async () => {
  supabase = await startSupabaseLocal({ migrations: [migrationSql()] })
})
afterAll(() => supabase.stop())

runLogSuite('the log to Supabase', () => {
  const spoolFolder = temporaryFolder()
  const log = createSupabaseLog({ url: supabase.url, key: supabase.secretKey, spoolFolder })
  const arrived = async () => (await supabase.sql('select id from track_run_events order by received_at, sequence')).map(({ id }) => String(id))
  return { log, arrived, close: async () => log.close(100_000) }
})
describe('what is written', () => {
  test('leaves out tracks that do not ask to be logged', async () => {
    const { log } = openLog(supabase)
    const [event] = exampleEvents()
    log.write({ ...event!, kept: false })
    await log.close(100_000)
    expect(log.counts()).toMatchObject({ written: 0, sent: 0 })
    expect(await idsOf(supabase, event!.runId)).toEqual([])
  })

  test('is clamped where it is huge, and marked', async () => {
    const { log } = openLog(supabase, { payloads: true })
    const events = [eventOf('huge', 1, { message: 'x'.repeat(10_000_000) }), eventOf('huge', 2, { type: 'step.succeeded', output: { deep: ['y'.repeat(10_000_000)] } })]
    for (const event of events) log.write(event)
    await log.flush(100_000)
    const rows = await supabase.sql(
      `select (data ->> 'clipped')::boolean as clipped, pg_column_size(event.*) as size from track_run_events event where run_id = 'huge'`,
    )
    expect(rows.map(({ clipped }) => clipped)).toEqual([true, true])
    for (const { size } of rows) expect(Number(size)).toBeLessThan(70_000)
  })

  test('is cleaned of what PostgreSQL cannot hold, wherever it stands', async () => {
    const { log, notices } = openLog(supabase)
    const odd = 'a\0b\uD800c\uDC00d 😀 \u2028\u001B'
    log.write(eventOf('odd', 1, { message: odd, fields: { [odd]: [odd] }, track: odd, step: odd, taskName: odd }))
    await log.flush(100_000)
    const clean = 'a\uFFFDb\uFFFDc\uFFFDd 😀 \u2028\u001B'
    expect(await supabase.sql(`select message, track, step, task_name, data from track_run_events where run_id = 'odd'`)).toEqual([
      { message: clean, track: clean, step: clean, task_name: clean, data: { kind: 'track', fields: { [clean]: [clean] } } },
    ])
    expect(notices).toEqual([])
  })

  test('stays with the log that wrote it, while its process lives', async () => {
    const spoolFolder = temporaryFolder()
    const first = openLog(supabase, { spoolFolder, intervalMs: 60_000 })
    first.log.write(eventOf('mine', 1))
    const second = openLog(supabase, { spoolFolder })
    await second.log.close(100_000)
    expect(await idsOf(supabase, 'mine')).toEqual([])
    await first.log.close(100_000)
    expect(await idsOf(supabase, 'mine')).toHaveLength(1)
  })

  test('by a process that dies later on is found by those that live on', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { log, spool } = openLog(supabase)
    await sleep(10)
    log.write(eventOf('heir', 1))
    await log.flush(100_000)
    const left = join(spool(), 'left')
    mkdirSync(left)
    writeFileSync(join(left, '000001.jsonl'), toLine(toEventRow(eventOf('late', 1))))
    vi.advanceTimersByTime(29_000)
    await log.flush(1_000)
    expect(await idsOf(supabase, 'late')).toEqual([])
    vi.advanceTimersByTime(1_000)
    await expect.poll(() => idsOf(supabase, 'late')).toHaveLength(1)
    await log.close(100_000)
    expect(readdirSync(spool())).toEqual([])
  })

  test('needs more than memory holds: the rest is read back from disk, in order', async () => {
    const { log, spool } = openLog(supabase, { memoryEvents: 50, diskBytes: 4_000_000 })
    const events = Array.from({ length: 3_000 }, (_, index) => eventOf('overflow', index + 1))
    for (const event of events) log.write(event)
    expect(log.counts()).toMatchObject({ written: 3_000, waiting: 3_000 })
    expect(readdirSync(join(spool(), readdirSync(spool())[0]!)).length).toBeGreaterThan(2)
    await log.flush(100_000)
    // What comes once the disk has caught up goes through memory again.
    const late = eventOf('overflow', 3_001)
    log.write(late)
    await log.flush(100_000)
    expect(await idsOf(supabase, 'overflow')).toEqual([...events, late].map(({ id }) => id))
    expect(log.counts()).toEqual({ written: 3_001, sent: 3_001, waiting: 0, refused: 0, dropped: 0 })
    await log.close(100_000)
    expect(readdirSync(spool())).toEqual([])
  })
})

describe('secrets', () => {
  test('in inputs, outputs and errors of a run never reach rows, files or notices', async () => {
    const secrets = ['sk_abcdefghijklmnop', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'X-Amz-Signature=5d672d79c15b13162d9279b0855cfba6', 'hunter2hunter2']
    const task = defineTask({ name: 'leak', input: z.any(), output: z.any(), retry: { maxAttempts: 2, minDelayMs: 1, factor: 1, maxDelayMs: 1 } })
    const { log, notices, spool } = openLog(supabase, { payloads: true })
    const leak = () => {
      throw new Error(`GET https://r2.example/a.mp4?${secrets[2]} with Bearer ${secrets[1]} and xi-api-key: ${secrets[0]}`)
    }
    const registry = defineRegistry({ leak: task })
    const runner = createRunner({ registry, handlers: { leak: (input: { fail?: boolean }, context) => (context.log.info(`using ${secrets[0]}`, { apiKey: secrets[3] }), input.fail ? leak() : { ...input }) }, logs: [log] })
    const track = { name: 'LeakTrack', enableSupabaseLogging: true, tasks: [{ taskName: 'leak' }] } as const
    const payload = { tenantId: 't', projectId: 'p', url: `https://r2.example/b.mp4?${secrets[2]}&X-Amz-Expires=1`, headers: { Authorization: `Bearer ${secrets[1]}` }, password: secrets[3] }
    await runner.runTrack(track, payload, { runId: 'leak-1' })
    await expect(runner.runTrack(track, { ...payload, fail: true }, { runId: 'leak-2' })).rejects.toThrow('r2.example')
    await log.flush(100_000)
    const rows = JSON.stringify(await supabase.sql(`select to_jsonb(event) from track_run_events event where run_id like 'leak-%' union all select to_jsonb(run) from track_runs run where run_id like 'leak-%'`))
    expect(rows).toContain('b.mp4')
    expect(rows).toContain('a.mp4')
    for (const secret of secrets) expect(rows).not.toContain(secret.replace('X-Amz-Signature=', ''))
    expect(notices).toEqual([])
    await log.close(100_000)
    expect(readdirSync(spool())).toEqual([])
  })
})

describe('a run', () => {
  const tasks = defineRegistry({
    double: defineTask({ name: 'double', input: z.object({ n: z.number() }), output: z.object({ n: z.number() }) }),
    flaky: defineTask({ name: 'flaky', input: z.object({ n: z.number() }), output: z.object({ n: z.number() }), retry: { maxAttempts: 3, minDelayMs: 1, factor: 1, maxDelayMs: 1 } }),
  })
  const handlers = {
    double: async ({ n }: { n: number }) => {
      await sleep(30)
      return { n: n * 2 }
    },
    flaky: ({ n }: { n: number }, { attempt, progress, log }: TaskContext) => {
      progress(0.5, 'half')
      log.warn('an attempt', { attempt })
      if (attempt < 2 || n > 100) throw new Error(`not yet, or never: ${n}`)
      return { n }
    },
  }
  const track = { name: 'NumbersTrack', enableSupabaseLogging: true, tasks: [{ taskName: 'double' }, { taskName: 'flaky' }, { taskName: 'double', id: 'again' }] } as const
  const base = { tenantId: 'acme', projectId: 'p', userId: 'u' }

  test.each([
    ['succeeded', 1],
    ['failed', 60],
  ])('that %s is there with every event, in order, with durations, and its row says what the runner returned', async (status, n) => {
    const { log } = openLog(supabase)
    const seen: RunEvent[] = []
    const runner = createRunner({ registry: tasks, handlers, logs: [log, { write: (event) => void seen.push(event), flush: async () => undefined }] })
    const result = await runner.settleTrack(track, { ...base, n })
    await log.flush(100_000)
    const stored = await supabase.sql('select id, sequence::int, type, step, attempt, duration_ms::int, at from track_run_events where run_id = $1 order by sequence', [result.runId])
    const { length } = seen
    expect(stored.map((row) => [row['id'], row['sequence'], row['type'], row['step'] ?? undefined, row['attempt'] ?? undefined, row['duration_ms'] ?? undefined, Number(row['at'])])).toEqual(
      seen.map((event) => {
        const { id, sequence, type, step, attempt, durationMs, at } = event as RunEvent & { step?: string; attempt?: number; durationMs?: number }
        return [id, sequence, type, step, attempt, durationMs === undefined ? undefined : Math.round(durationMs), at]
      }),
    )
    expect(stored.find((row) => row['type'] === 'step.succeeded')!['duration_ms']).toBeGreaterThanOrEqual(29)
    const [run] = await supabase.sql('select *, duration_ms::int as ms, event_count::int as events from track_runs where run_id = $1', [result.runId])
    expect(run).toMatchObject({ tenant_id: 'acme', project_id: 'p', user_id: 'u', name: 'NumbersTrack', kind: 'track', status, ms: result.durationMs, events: length })
    expect(result.status).toBe(status)
    expect(Number(run!['started_at'])).toBe(seen[0]!.at)
    expect(run!['error']).toEqual(result.status === 'succeeded' ? null : errorToJson(result.error))
    await log.close(100_000)
  })

  test('does not fail and does not wait long where nobody answers', async () => {
    const { log } = openLog(supabase, { url: 'http://127.0.0.1:1' })
    const runner = createRunner({ registry: tasks, handlers, logs: [log] })
    const { n } = await runner.runTrack(track, { ...base, n: 1 })
    expect(n).toBe(4)
    await log.close(0)
  })
})

test('an unusable address or key is an error of whoever sets it up', () => {
  expect(() => createSupabaseLog({})).toThrow(DefinitionError)
  expect(() => createSupabaseLog({ url: supabase.url })).toThrow('the key is missing')
  expect(() => createSupabaseLog({ url: 'no address', key: 'x' })).toThrow(DefinitionError)
})
