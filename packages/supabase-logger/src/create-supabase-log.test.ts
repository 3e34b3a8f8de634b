import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@supabase/supabase-js'
import type { RunEvent, RunLog } from '@track-orchestrator/core'
import { createRunner } from '@track-orchestrator/core/in-process'
import { exampleEvents, runLogSuite } from '@track-orchestrator/core/testing'
import { DefinitionError, defineRegistry, defineTask, errorToJson, type TaskContext } from '@track-orchestrator/registry'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { createSupabaseLog, type SupabaseLogOptions } from './create-supabase-log.ts'
import { toEventRow } from './event-row.ts'
import { migrations } from './migration-sql.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { toLine } from './writer/lines.ts'
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

const saidSomething = (notices: readonly LogNotice[]) => expect.poll(() => notices.length, { timeout: 30_000 }).toBeGreaterThan(0)
const idsOf = async (runId: string) =>
  (await supabase.sql('select id from track_run_events where run_id = $1 order by received_at, sequence', [runId])).map(({ id }) => id)

runLogSuite('the log to Supabase', () => {
  const spoolFolder = temporaryFolder()
  const log = createSupabaseLog({ url: supabase.url, key: supabase.serviceRoleKey, spoolFolder })
  const arrived = async () => (await supabase.sql('select id from track_run_events order by received_at, sequence')).map(({ id }) => String(id))
  return { log, arrived, close: async () => log.close(5_000) }
})

const eventOf = (runId: string, sequence: number, body: object = {}): RunEvent => ({
  ...exampleEvents(runId)[0]!,
  sequence,
  ...({ type: 'log', level: 'info', message: `${sequence}`, ...body } as object),
})

describe('what is written', () => {
  test('leaves out tracks that do not ask to be logged', async () => {
    const { log } = openLog()
    const [event] = exampleEvents()
    log.write({ ...event!, kept: false })
    await log.close(5_000)
    expect(log.counts()).toMatchObject({ written: 0, sent: 0 })
    expect(await idsOf(event!.runId)).toEqual([])
  })

  test('is clamped where it is huge, and marked', async () => {
    const { log } = openLog({ payloads: true })
    const events = [eventOf('huge', 1, { message: 'x'.repeat(10_000_000) }), eventOf('huge', 2, { type: 'step.succeeded', output: { deep: ['y'.repeat(10_000_000)] } })]
    for (const event of events) log.write(event)
    await log.flush(10_000)
    const rows = await supabase.sql(
      `select (data ->> 'clipped')::boolean as clipped, pg_column_size(event.*) as size from track_run_events event where run_id = 'huge'`,
    )
    expect(rows.map(({ clipped }) => clipped)).toEqual([true, true])
    for (const { size } of rows) expect(Number(size)).toBeLessThan(70_000)
  })

  test('is cleaned of what PostgreSQL cannot hold, wherever it stands', async () => {
    const { log, notices } = openLog()
    const odd = 'a\0b\uD800c\uDC00d 😀 \u2028\u001B'
    log.write(eventOf('odd', 1, { message: odd, fields: { [odd]: [odd] }, track: odd, step: odd, taskName: odd }))
    await log.flush(10_000)
    const clean = 'a\uFFFDb\uFFFDc\uFFFDd 😀 \u2028\u001B'
    expect(await supabase.sql(`select message, track, step, task_name, data from track_run_events where run_id = 'odd'`)).toEqual([
      { message: clean, track: clean, step: clean, task_name: clean, data: { kind: 'track', fields: { [clean]: [clean] } } },
    ])
    expect(notices).toEqual([])
  })

  test('stays with the log that wrote it, while its process lives', async () => {
    const spoolFolder = temporaryFolder()
    const first = openLog({ spoolFolder, intervalMs: 60_000 })
    first.log.write(eventOf('mine', 1))
    const second = openLog({ spoolFolder })
    await second.log.close(5_000)
    expect(await idsOf('mine')).toEqual([])
    await first.log.close(5_000)
    expect(await idsOf('mine')).toHaveLength(1)
  })

  test('by a process that dies later on is found by those that live on', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { log, spool } = openLog()
    await sleep(10)
    log.write(eventOf('heir', 1))
    await log.flush(10_000)
    const left = join(spool(), 'left')
    mkdirSync(left)
    writeFileSync(join(left, '000001.jsonl'), toLine(toEventRow(eventOf('late', 1))))
    vi.advanceTimersByTime(29_000)
    await log.flush(1_000)
    expect(await idsOf('late')).toEqual([])
    vi.advanceTimersByTime(1_000)
    await expect.poll(() => idsOf('late'), { timeout: 10_000 }).toHaveLength(1)
    await log.close(1_000)
    expect(readdirSync(spool())).toEqual([])
  })

  test('needs more than memory holds: the rest is read back from disk, in order', async () => {
    const { log, spool } = openLog({ memoryEvents: 50, diskBytes: 4_000_000 })
    const events = Array.from({ length: 3_000 }, (_, index) => eventOf('overflow', index + 1))
    for (const event of events) log.write(event)
    expect(log.counts()).toMatchObject({ written: 3_000, waiting: 3_000 })
    expect(readdirSync(join(spool(), readdirSync(spool())[0]!)).length).toBeGreaterThan(2)
    await log.flush(30_000)
    // What comes once the disk has caught up goes through memory again.
    const late = eventOf('overflow', 3_001)
    log.write(late)
    await log.flush(10_000)
    expect(await idsOf('overflow')).toEqual([...events, late].map(({ id }) => id))
    expect(log.counts()).toEqual({ written: 3_001, sent: 3_001, waiting: 0, refused: 0, dropped: 0 })
    await log.close(1_000)
    expect(readdirSync(spool())).toEqual([])
  })
})

describe('a row that the database refuses', () => {
  test('goes to dead.jsonl with the answer, and the others of its batch arrive', async () => {
    const { log, notices, spool } = openLog()
    const events = Array.from({ length: 300 }, (_, index) => eventOf('poison', index + 1))
    const poison = [eventOf('poison', 3_000_000_000), eventOf('poison', 4_000_000_000)]
    for (const event of [...events.slice(0, 100), poison[0]!, ...events.slice(100, 200), poison[1]!, ...events.slice(200)]) log.write(event)
    await log.flush(20_000)
    expect(await idsOf('poison')).toHaveLength(300)
    expect(log.counts()).toMatchObject({ sent: 300, refused: 2, waiting: 0 })
    const dead = readFileSync(join(spool(), 'dead.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { answer: string; row: { id: string } })
    expect(dead.map(({ row }) => row.id)).toEqual(poison.map(({ id }) => id))
    expect(dead[0]!.answer).toContain('22003')
    expect(statSync(join(spool(), 'dead.jsonl')).mode & 0o077).toBe(0)
    expect(notices.map(({ code }) => code)).toEqual(['row_refused'])
    expect(notices[0]!.message).toContain(join(spool(), 'dead.jsonl'))
  })
})

describe('where Supabase says no to everything', () => {
  test('a refused token holds the events and is said once; with a good one they go on', async () => {
    let token = supabase.tokenFor({ role: 'service_role', exp: 1 })
    const client = createClient(supabase.url, supabase.anonKey, { accessToken: async () => token, realtime: { transport: WebSocket as never } })
    const { log, notices } = openLog({ client, holdMs: 100 })
    const events = exampleEvents()
    for (const event of events) log.write(event)
    await saidSomething(notices)
    await log.flush(500)
    expect(notices).toEqual([{ code: 'credentials_refused', message: expect.stringContaining('SUPABASE_SERVICE_ROLE_KEY') as string }])
    expect(log.counts()).toMatchObject({ waiting: 14, sent: 0 })
    token = supabase.tokenFor({ role: 'service_role' })
    await log.flush(10_000)
    expect(await idsOf(events[0]!.runId)).toEqual(events.map(({ id }) => id))
    expect(notices.map(({ code }) => code)).toEqual(['credentials_refused', 'recovered'])
    expect(JSON.stringify(notices)).not.toContain(token.slice(0, 20))
  })

  test('a key that may not write is told from one that is refused', async () => {
    const { log, notices } = openLog({ key: supabase.anonKey })
    log.write(exampleEvents()[0]!)
    await saidSomething(notices)
    expect(notices).toEqual([{ code: 'write_forbidden', message: expect.stringContaining("service role's key") as string }])
    expect(log.counts()).toMatchObject({ waiting: 1, refused: 0 })
  })

  test('without the migration there is one line that names it, and events wait for it', async () => {
    const bare = await startSupabaseLocal()
    try {
      const { log, notices, spool } = openLog({ url: bare.url, key: bare.serviceRoleKey, holdMs: 50 })
      const events = Array.from({ length: 5 }, () => exampleEvents()).flat()
      for (const event of events) log.write(event)
      await saidSomething(notices)
      await log.flush(500)
      expect(notices).toEqual([{ code: 'migration_missing', message: expect.stringContaining(firstMigration) as string }])
      expect(log.counts()).toMatchObject({ waiting: 70, refused: 0 })
      expect(readdirSync(spool())).not.toContain('dead.jsonl')
      for (const { sql } of migrations()) await bare.sql(sql)
      await bare.sql(`notify pgrst, 'reload schema'`)
      await log.flush(20_000)
      expect(await bare.sql('select count(*)::int from track_run_events')).toEqual([{ count: 70 }])
      expect(notices.map(({ code }) => code)).toEqual(['migration_missing', 'recovered'])
      await log.close(0)
    } finally {
      await bare.stop()
    }
  })

  test('the migration that is named is the first that there is', () => {
    expect(firstMigration).toBe(`supabase/migrations/${migrations()[0]!.name}`)
  })

  test('an address where nobody answers is said once, after a few tries', async () => {
    const { log, notices } = openLog({ url: 'http://127.0.0.1:1', retry: { maxDelayMs: 20 } })
    log.write(exampleEvents()[0]!)
    await saidSomething(notices)
    await log.flush(500)
    expect(notices).toEqual([{ code: 'unreachable', message: expect.stringMatching(/^Supabase does not take events: no answer/) as string }])
    await log.close(0)
  })

  test.each([
    ['an empty 404', 404, ''],
    ['an empty list with a 404', 404, '[]'],
    ['a page', 200, '<html>Welcome</html>'],
    ['a list', 200, '[]'],
    ['an empty 204', 204, ''],
  ])('an address where something else answers gets no event for sent: %s', async (_, status, body) => {
    let answers = 0
    const server = createHttpServer((request, response) => request.resume().on('end', () => response.writeHead(status).end(body, () => answers++))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { log } = openLog({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, retry: { maxDelayMs: 20 }, holdMs: 20 })
    for (const event of exampleEvents()) log.write(event)
    await expect.poll(() => answers, { timeout: 30_000 }).toBeGreaterThan(2)
    expect(log.counts()).toMatchObject({ waiting: 14, sent: 0, refused: 0 })
    await log.close(0)
    server.closeAllConnections()
    server.close()
  })

  test('one that takes a request and never answers is given up in time, and asked again', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { log } = openLog({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutMs: 50, retry: { maxDelayMs: 20 } })
    try {
      log.write(exampleEvents()[0]!)
      await expect.poll(() => sockets.length, { timeout: 30_000 }).toBeGreaterThan(3)
      expect(log.counts()).toMatchObject({ waiting: 1 })
    } finally {
      await log.close(0)
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  })
})

describe('where there is no room', () => {
  const fill = (log: RunLog, runId: string, count: number, body: object, from = 1) => {
    for (let sequence = from; sequence < from + count; sequence++) log.write(eventOf(runId, sequence, body))
  }

  test('debug events are dropped first, how runs end last, and each run is told how many it lost', async () => {
    await supabase.stopDatabase()
    const { log, notices, spool } = openLog({ diskBytes: 200_000, retry: { maxDelayMs: 50 } })
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
    await log.flush(30_000)
    await log.flush(30_000)
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
    const { log, notices } = openLog({ spoolFolder: file })
    const events = exampleEvents()
    for (const event of events) log.write(event)
    await log.flush(10_000)
    expect(await idsOf(events[0]!.runId)).toEqual(events.map(({ id }) => id))
    expect(notices.map(({ code }) => code)).toEqual(['spool_failed'])
  })

  test('a spool that another user may read is not used', async () => {
    const spoolFolder = temporaryFolder()
    const { log, spool } = openLog({ spoolFolder })
    log.write(exampleEvents()[0]!)
    await log.close(10_000)
    chmodSync(spool(), 0o755)
    const second = openLog({ spoolFolder })
    second.log.write(exampleEvents()[0]!)
    await second.log.flush(10_000)
    expect(second.notices).toEqual([{ code: 'spool_failed', message: expect.stringContaining('chmod 700') as string }])
    expect(second.log.counts()).toMatchObject({ sent: 1 })
  })
})

describe('secrets', () => {
  test('in inputs, outputs and errors of a run never reach rows, files or notices', async () => {
    const secrets = ['sk_abcdefghijklmnop', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'X-Amz-Signature=5d672d79c15b13162d9279b0855cfba6', 'hunter2hunter2']
    const task = defineTask({ name: 'leak', input: z.any(), output: z.any(), retry: { maxAttempts: 2, minDelayMs: 1, factor: 1, maxDelayMs: 1 } })
    const { log, notices, spool } = openLog({ payloads: true })
    const leak = () => {
      throw new Error(`GET https://r2.example/a.mp4?${secrets[2]} with Bearer ${secrets[1]} and xi-api-key: ${secrets[0]}`)
    }
    const registry = defineRegistry({ leak: task })
    const runner = createRunner({ registry, handlers: { leak: (input: { fail?: boolean }, context) => (context.log.info(`using ${secrets[0]}`, { apiKey: secrets[3] }), input.fail ? leak() : { ...input }) }, logs: [log] })
    const track = { name: 'LeakTrack', enableSupabaseLogging: true, tasks: [{ taskName: 'leak' }] } as const
    const payload = { tenantId: 't', projectId: 'p', url: `https://r2.example/b.mp4?${secrets[2]}&X-Amz-Expires=1`, headers: { Authorization: `Bearer ${secrets[1]}` }, password: secrets[3] }
    await runner.runTrack(track, payload, { runId: 'leak-1' })
    await expect(runner.runTrack(track, { ...payload, fail: true }, { runId: 'leak-2' })).rejects.toThrow('r2.example')
    await log.flush(10_000)
    const rows = JSON.stringify(await supabase.sql(`select to_jsonb(event) from track_run_events event where run_id like 'leak-%' union all select to_jsonb(run) from track_runs run where run_id like 'leak-%'`))
    expect(rows).toContain('b.mp4')
    expect(rows).toContain('a.mp4')
    for (const secret of secrets) expect(rows).not.toContain(secret.replace('X-Amz-Signature=', ''))
    expect(notices).toEqual([])
    await log.close(1_000)
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
    const { log } = openLog()
    const seen: RunEvent[] = []
    const runner = createRunner({ registry: tasks, handlers, logs: [log, { write: (event) => void seen.push(event), flush: async () => undefined }] })
    const result = await runner.settleTrack(track, { ...base, n })
    // No flush here: the run waits at its end for its log.
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
    expect(Math.abs(Number(run!['started_at']) - result.startedAt)).toBeLessThan(20)
    expect(run!['error']).toEqual(result.status === 'succeeded' ? null : errorToJson(result.error))
    await log.close(1_000)
  })

  test('does not fail and does not wait long where nobody answers', async () => {
    const { log } = openLog({ url: 'http://127.0.0.1:1' })
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

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true }).reduce<number>((sum, name) => sum + (statSync(join(folder, String(name))).isFile() ? statSync(join(folder, String(name))).size : 0), 0)
}
