import fs, { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { toEventRow } from './event-row.ts'
import { migrationSql } from './migration-sql.ts'
import { holdRunRow } from './testing/hold-run-row.ts'
import { eventOf, idsOf, openLog } from './testing/open-log.ts'
import { setAsideFile, type SetAsideEntry } from './writer/set-aside.ts'
import { longestLine, toLine } from './writer/segment.ts'

let supabase: SupabaseLocal
beforeAll(async () => {
  supabase = await startSupabaseLocal({ migrations: [migrationSql()] })
})
afterAll(() => supabase.stop())

const setAside = (spool: string) => readFileSync(join(spool, setAsideFile), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as SetAsideEntry & { row: { id: string }; line: string })
const many = (runId: string, count: number, from = 1) => Array.from({ length: count }, (_, index) => eventOf(runId, from + index))

describe('a row that the database refuses', () => {
  test('goes to dead.jsonl with the answer, and the others of its batch arrive', async () => {
    const { log, notices, spool } = openLog(supabase)
    const events = many('poison', 300)
    const poison = [eventOf('poison', 3_000_000_000), eventOf('poison', 4_000_000_000)]
    for (const event of [...events.slice(0, 100), poison[0]!, ...events.slice(100, 200), poison[1]!, ...events.slice(200)]) log.write(event)
    await log.flush(100_000)
    expect(await idsOf(supabase, 'poison')).toHaveLength(300)
    expect(log.counts()).toMatchObject({ sent: 300, refused: 2, waiting: 0 })
    const dead = setAside(spool())
    expect(dead.map(({ row }) => row.id)).toEqual(poison.map(({ id }) => id))
    expect(dead[0]!.answer).toContain('22003')
    expect(statSync(join(spool(), setAsideFile)).mode & 0o077).toBe(0)
    expect(notices.map(({ code }) => code)).toEqual(['row_refused'])
    expect(notices[0]!.message).toContain(join(spool(), setAsideFile))
  })

  test('waits where dead.jsonl takes nothing more, and the others go on', async () => {
    const { log, spool, codes } = openLog(supabase, { diskBytes: 4_000, retry: { maxDelayMs: 50 } })
    log.write(eventOf('no-room', 3_000_000_000))
    await log.flush(100_000)
    writeFileSync(join(spool(), setAsideFile), 'x'.repeat(500))
    log.write(eventOf('no-room', 4_000_000_000))
    for (const event of many('no-room', 5)) log.write(event)
    await log.flush(100)
    await expect.poll(codes).toContain('cannot_set_aside')
    await expect.poll(() => log.counts()).toMatchObject({ sent: 5, refused: 1, waiting: 1 })
    expect(await idsOf(supabase, 'no-room')).toHaveLength(5)
    writeFileSync(join(spool(), setAsideFile), '')
    await log.flush(100_000)
    expect(log.counts()).toMatchObject({ refused: 2, waiting: 0 })
  })
})

describe('a trigger of the project', () => {
  beforeEach(() =>
    supabase.sql(`create function public.judge() returns trigger language plpgsql as $$ begin
      if new.message like 'fail %' then raise exception 'webhook says no' using errcode = right(new.message, 5); end if;
      if new.message = 'ask others' then perform * from public.webhooks; end if;
      return new; end $$;
      create trigger judge before insert on public.track_run_events for each row execute function public.judge()`),
  )
  afterEach(() => supabase.sql('drop function public.judge cascade'))

  test.each(['XX000', '55000', '58030', '38000', '39000', '0A000', 'P0001', 'HV00A', 'AB123'])('that fails for one row with %s costs that row only', async (code) => {
    const { log, spool } = openLog(supabase)
    const runId = `judged-${code}`
    const bad = eventOf(runId, 99, { message: `fail ${code}` })
    for (const event of [...many(runId, 15), bad, ...many(runId, 14, 16)]) log.write(event)
    await log.flush(100_000)
    expect(await idsOf(supabase, runId)).toHaveLength(29)
    expect(setAside(spool()).map(({ row }) => row.id)).toEqual([bad.id])
    expect(log.counts()).toMatchObject({ sent: 29, refused: 1, waiting: 0, dropped: 0 })
  })

  // PostgREST would try a transaction that ends with 40001 again and again, each on a connection of its own that nobody else gets then.
  test.each(['40001', '40P01', '40003'])('that fails for one row with %s, as if a race were lost, costs that row only, and no connection of the API', async (code) => {
    const { log, spool } = openLog(supabase, { retry: { maxDelayMs: 20 } })
    const runId = `raced-${code}`
    const bad = eventOf(runId, 99, { message: `fail ${code}` })
    for (const event of [...many(runId, 15), bad, ...many(runId, 14, 16), ...many(`beside-${code}`, 3)]) log.write(event)
    await log.flush(100_000)
    expect(log.counts()).toMatchObject({ sent: 32, refused: 1, waiting: 0, dropped: 0 })
    expect(setAside(spool()).map(({ row, answer }) => [row.id, answer.includes(code)])).toEqual([[bad.id, true]])
    expect(await supabase.sql(`select query from pg_stat_activity where usename = 'authenticator' and state <> 'idle'`)).toEqual([])
    await log.close(0)
  })

  test('that lacks a table for one row is not taken for a missing migration', async () => {
    const { log, codes } = openLog(supabase)
    for (const event of [eventOf('lacking', 1, { message: 'ask others' }), ...many('lacking', 10, 2)]) log.write(event)
    await log.flush(100_000)
    expect(log.counts()).toMatchObject({ sent: 10, refused: 1 })
    expect(codes()).toEqual(['row_refused'])
  })

  test('that fails for every row of a run holds up that run only, and no row is given up until others are taken', async () => {
    const { log, codes } = openLog(supabase, { retry: { maxDelayMs: 100 }, holdMs: 100 })
    const bad = Array.from({ length: 600 }, (_, index) => eventOf('all-bad', index + 1, { message: 'fail XX000' }))
    for (const event of bad) log.write(event)
    await log.flush(1_500)
    expect(log.counts()).toMatchObject({ sent: 0, refused: 0, waiting: 600, dropped: 0 })
    await expect.poll(codes).toContain('batch_refused')
    for (const event of many('all-good', 20)) log.write(event)
    await expect.poll(() => idsOf(supabase, 'all-good')).toHaveLength(20)
    await log.close(0)
  })

  test.each(['57P03', '53100', '08006'])('that says %s speaks of the health of the service: all waits', async (code) => {
    const { log, codes } = openLog(supabase, { retry: { maxDelayMs: 20 } })
    for (const event of [eventOf(`ill-${code}`, 1, { message: `fail ${code}` }), ...many(`ill-${code}`, 5, 2)]) log.write(event)
    await log.flush(1_000)
    expect(log.counts()).toMatchObject({ sent: 0, refused: 0, waiting: 6 })
    await expect.poll(codes).toEqual(['unreachable'])
    expect(log.counts()).toMatchObject({ sent: 0, refused: 0, waiting: 6 })
    await log.close(0)
  })
})

test('a run whose row somebody has locked holds up its own events only, and they arrive when it is free', async () => {
  const { log, codes } = openLog(supabase, { retry: { maxDelayMs: 200 } })
  for (const event of ['locked', 'free'].flatMap((runId) => many(runId, 3))) log.write(event)
  await log.flush(100_000)
  const letGo = await holdRunRow(supabase, 'locked')
  for (const event of Array.from({ length: 40 }, (_, index) => eventOf(index % 2 ? 'locked' : 'free', index + 10))) log.write(event)
  await expect.poll(() => idsOf(supabase, 'free')).toHaveLength(23)
  expect(await idsOf(supabase, 'locked')).toHaveLength(3)
  await letGo()
  await log.flush(100_000)
  expect(await idsOf(supabase, 'locked')).toHaveLength(23)
  expect(log.counts()).toEqual({ written: 46, sent: 46, waiting: 0, refused: 0, dropped: 0 })
  expect(codes().filter((code) => code !== 'run_waits')).toEqual([])
  await log.close(100_000)
})

describe('what a dead process left', () => {
  const rowOf = (runId: string, sequence: number) => toEventRow(eventOf(runId, sequence))
  /** A spool of a project with a folder without an owner in it, and a log that finds it. */
  async function adopt(prepare: (left: string) => void, options = {}) {
    const first = openLog(supabase)
    first.log.write(eventOf('maker', 1))
    await first.log.close(100_000)
    const left = join(first.spool(), 'left')
    mkdirSync(left)
    prepare(left)
    const heir = openLog(supabase, { spoolFolder: first.spoolFolder, ...options })
    await heir.log.close(100_000)
    return { ...heir, left }
  }

  test('is sent but for what is no event, which is set aside and told', async () => {
    const odd = ['{"a":1}', '', 'null', '[]', '{"id":"nonsense"}', '\0\0\0\0', '\u001F\uFFFD', `{"id":"${eventOf('x', 1).id}"`, 'x'.repeat(longestLine + 10)]
    const { spool, codes, log } = await adopt((left) => {
      writeFileSync(join(left, '000001.jsonl'), odd.map((line, index) => `${toLine(rowOf('odd-lines', index))}${line}\n`).join(''))
      writeFileSync(join(left, '000002.jsonl'), `${toLine(rowOf('odd-lines', 100))}{"torn":`)
    })
    expect(await idsOf(supabase, 'odd-lines')).toHaveLength(odd.length + 1)
    expect(codes()).toContain('line_unreadable')
    expect(setAside(spool()).flatMap(({ line }) => line ?? [])).toContain('{"a":1}')
    expect(log.counts()).toMatchObject({ sent: odd.length + 1, refused: odd.length + 1 })
    expect(readdirSync(spool())).toEqual([setAsideFile])
  })

  test('by another version of this package, with a column too many, costs that row only', async () => {
    const { spool, codes, log } = await adopt((left) => {
      const rows = [rowOf('versions', 1), { ...rowOf('versions', 2), colour: 'red' }, { ...rowOf('versions', 3), sequence: 'many' }, { id: rowOf('versions', 4).id }, rowOf('versions', 5)]
      writeFileSync(join(left, '000001.jsonl'), rows.map((row) => toLine(row as never)).join(''))
    })
    expect(await idsOf(supabase, 'versions')).toHaveLength(2)
    expect(log.counts()).toMatchObject({ sent: 2, refused: 3 })
    expect(codes()).toEqual(['row_refused'])
    expect(setAside(spool()).map(({ answer }) => /42703|22P02|23502/.exec(answer)?.[0])).toEqual(['42703', '22P02', '23502'])
  })

  test('is sent beside what is no file, and what is not ours is left alone', async () => {
    const { left, log } = await adopt((folder) => {
      mkdirSync(join(folder, '000001.jsonl'))
      symlinkSync('/etc/hostname', join(folder, '000002.jsonl'))
      writeFileSync(join(folder, '000003.jsonl'), toLine(rowOf('beside', 1)))
      writeFileSync(join(folder, 'mine.jsonl'), 'a backup')
    })
    expect(await idsOf(supabase, 'beside')).toHaveLength(1)
    expect(log.counts()).toMatchObject({ sent: 1, refused: 0 })
    expect(readdirSync(left)).toContain('mine.jsonl')
  })

  test('is sent from where it lies where no folder can be made beside it, as on a full disk', async () => {
    const original = fs.mkdirSync
    onTestFinished(() => {
      vi.restoreAllMocks()
      syncBuiltinESMExports()
    })
    const { log, spool } = await adopt((left) => {
      writeFileSync(join(left, '000001.jsonl'), toLine(rowOf('in-place', 1)))
      vi.spyOn(fs, 'mkdirSync').mockImplementation(((path: string, options: { recursive?: boolean }) => {
        if (!options.recursive) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        return original(path, options as never)
      }) as never)
      syncBuiltinESMExports()
    })
    expect(await idsOf(supabase, 'in-place')).toHaveLength(1)
    expect(log.counts()).toMatchObject({ sent: 1 })
    expect(readdirSync(join(spool(), 'left'))).toEqual([])
  })
})

test('a spool that somebody removes while it is used is made again, with what was in it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const { log, spool } = openLog({ ...supabase, url: 'http://127.0.0.1:1' })
  await sleep(10)
  for (const event of many('removed', 5)) log.write(event)
  for (const name of readdirSync(spool())) rmSync(join(spool(), name), { recursive: true })
  vi.advanceTimersByTime(15_000)
  log.write(eventOf('removed', 6))
  const [folder] = readdirSync(spool())
  const lines = readdirSync(join(spool(), folder!)).filter((name) => name.endsWith('.jsonl')).flatMap((name) => readFileSync(join(spool(), folder!, name), 'utf8').trim().split('\n'))
  expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual([1, 2, 3, 4, 5, 6])
  await log.close(0)
})
