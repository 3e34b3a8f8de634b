import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { migrations } from './migration-sql.ts'
import { readLedger, startLogging } from './testing/start-logging.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

// Databases and processes come and go: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 240_000 })

let supabase: SupabaseLocal
beforeAll(async () => {
  supabase = await startSupabaseLocal({ migrations: migrations().map(({ sql }) => sql) })
})
afterAll(() => supabase.stop())
beforeEach(() => supabase.sql('truncate track_run_events, track_runs'))

const optionsWith = (spoolFolder: string) => ({ url: supabase.url, key: supabase.serviceRoleKey, spoolFolder, retry: { maxDelayMs: 500 } })
const stored = async () => (await supabase.sql('select id from track_run_events')).map(({ id }) => String(id))
const folders = (spool: string) => readdirSync(spool).flatMap((project) => readdirSync(join(spool, project)))

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 100_000; !(await isSo()); await sleep(50)) {
    if (Date.now() > end) throw new Error(`Not in time: ${what}`)
  }
}

test('the database crashes, the process is killed, both come back: no event is lost, none is there twice', async () => {
  const folder = temporaryFolder()
  const spoolFolder = join(folder, 'spool')
  const ledger = join(folder, 'ledger')
  const doomed = startLogging({ options: optionsWith(spoolFolder), runs: 100_000, pauseMs: 1, ledger, atEnd: 'stay' })
  await until(async () => (await stored()).length > 500, 'the first events are stored')
  await supabase.stopDatabase()
  const before = doomed.written().length
  await until(() => doomed.written().length > before + 10_000, 'the next 10,000 are written')
  expect((await doomed.kill()).signal).toBe('SIGKILL')

  await supabase.startDatabase()
  const written = readLedger(ledger)
  const atFirst = new Set(await stored())
  expect(written.filter((id) => !atFirst.has(id)).length).toBeGreaterThan(9_000)
  const heir = startLogging({ options: optionsWith(spoolFolder), runs: 1, ledger, atEnd: 'close' })
  expect(await heir.ended).toMatchObject({ code: 0 })

  const ids = await stored()
  const there = new Set(ids)
  expect(readLedger(ledger).filter((id) => !there.has(id))).toEqual([])
  expect(there.size).toBe(ids.length)
  // Killed between `write` and the ledger: at most the events of one run more.
  expect(ids.length - readLedger(ledger).length).toBeLessThanOrEqual(14)
  expect(await supabase.sql('select run_id from track_runs where event_count <> (select count(*) from track_run_events event where event.run_id = track_runs.run_id)')).toEqual([])
  expect(folders(spoolFolder)).toEqual([])
})

test('two processes log to one spool at once: all of both arrives, and neither takes what the other still holds', async () => {
  const folder = temporaryFolder()
  const spoolFolder = join(folder, 'spool')
  const ledgers = [join(folder, 'first'), join(folder, 'second')]
  const processes = ledgers.map((ledger) => startLogging({ options: optionsWith(spoolFolder), runs: 150, pauseMs: 2, ledger, atEnd: 'close' }))
  let most = 0
  await until(() => {
    if (existsSync(spoolFolder)) most = Math.max(most, folders(spoolFolder).filter((name) => !name.startsWith('.')).length)
    return most === 2
  }, 'each has a folder of its own')
  expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual([0, 0].map((code) => ({ code, signal: null, said: '' })))
  expect((await stored()).toSorted()).toEqual(ledgers.flatMap((ledger) => readLedger(ledger)).toSorted())
  expect(folders(spoolFolder)).toEqual([])
})

test('two heirs of one dead process share its events out', async () => {
  const folder = temporaryFolder()
  const spoolFolder = join(folder, 'spool')
  const ledger = join(folder, 'ledger')
  await supabase.stopDatabase()
  const doomed = startLogging({ options: { ...optionsWith(spoolFolder), diskBytes: 2_000_000 }, runs: 150, ledger, atEnd: 'stay' })
  await until(() => doomed.written().length === 2_100, 'all is written')
  await doomed.kill()
  const [left] = folders(spoolFolder)
  expect(readdirSync(join(spoolFolder, readdirSync(spoolFolder)[0]!, left!)).length).toBeGreaterThan(2)
  await supabase.startDatabase()
  const heirs = ['a', 'b'].map((name) => startLogging({ options: optionsWith(spoolFolder), runs: 0, ledger: join(folder, name), atEnd: 'close' }))
  expect((await Promise.all(heirs.map(({ ended }) => ended))).map(({ code }) => code)).toEqual([0, 0])
  expect((await stored()).toSorted()).toEqual(readLedger(ledger).toSorted())
  expect(folders(spoolFolder)).toEqual([])
})

test('a process that is done ends, whatever still waits in its log; the next one sends it', async () => {
  const folder = temporaryFolder()
  const spoolFolder = join(folder, 'spool')
  const ledger = join(folder, 'ledger')
  await supabase.stopDatabase()
  const hasty = startLogging({ options: { ...optionsWith(spoolFolder), retry: { minDelayMs: 60_000, maxDelayMs: 60_000 } }, runs: 2, ledger, atEnd: 'end' })
  expect(await hasty.ended).toMatchObject({ code: 0 })
  expect(readLedger(ledger)).toHaveLength(28)
  await supabase.startDatabase()
  expect(await stored()).toEqual([])
  await startLogging({ options: optionsWith(spoolFolder), runs: 0, ledger, atEnd: 'close' }).ended
  expect((await stored()).toSorted()).toEqual(readLedger(ledger).toSorted())
})

test('the spool is for its user only', async () => {
  const folder = temporaryFolder()
  const spoolFolder = join(folder, 'spool')
  await supabase.stopDatabase()
  const doomed = startLogging({ options: optionsWith(spoolFolder), runs: 1, ledger: join(folder, 'ledger'), atEnd: 'stay' })
  await until(() => doomed.written().length === 14, 'all is written')
  await doomed.kill()
  const paths = readdirSync(spoolFolder, { recursive: true }).map((name) => join(spoolFolder, String(name)))
  expect(paths.length).toBeGreaterThanOrEqual(4)
  expect(paths.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([])
  await supabase.startDatabase()
})

test('a disk that takes only half of a line loses no event while the process lives', async () => {
  const folder = temporaryFolder()
  const spoolFolder = join(folder, 'spool')
  const ledger = join(folder, 'ledger')
  // 128 or 256 KiB a file, as the shell counts: what goes beyond is written in part, then refused.
  const limited = startLogging({ options: { ...optionsWith(spoolFolder), intervalMs: 3_600_000, batchEvents: 100_000 }, runs: 80, ledger, atEnd: 'close' }, 'ulimit -f 256')
  expect(await limited.ended).toMatchObject({ code: 0, said: expect.stringMatching(/^Supabase log: The spool cannot be written: the disk took \d+ of \d+ bytes.*\n$/) as string })
  expect(readLedger(ledger)).toHaveLength(1_120)
  expect((await stored()).toSorted()).toEqual(readLedger(ledger).toSorted())
})

test('what a full disk took is whole, and found by the next process', async () => {
  const folder = temporaryFolder()
  const spoolFolder = join(folder, 'spool')
  const ledger = join(folder, 'ledger')
  const limited = startLogging({ options: { ...optionsWith(spoolFolder), intervalMs: 3_600_000, batchEvents: 100_000 }, runs: 80, ledger, atEnd: 'stay' }, 'ulimit -f 256')
  await until(() => limited.written().length === 1_120, 'all is written')
  await limited.kill()
  const paths = readdirSync(spoolFolder, { recursive: true }).map((name) => join(spoolFolder, String(name))).filter((path) => path.endsWith('.jsonl'))
  const lines = paths.flatMap((path) => readFileSync(path, 'utf8').split(/(?<=\n)/))
  expect(lines.length).toBeGreaterThan(100)
  expect(lines.length).toBeLessThan(1_120)
  const kept = lines.map((line) => (JSON.parse(line) as { id: string }).id)
  expect(lines.every((line) => line.endsWith('\n'))).toBe(true)
  await startLogging({ options: optionsWith(spoolFolder), runs: 0, ledger: join(folder, 'none'), atEnd: 'close' }).ended
  expect((await stored()).toSorted()).toEqual(kept.toSorted())
})
