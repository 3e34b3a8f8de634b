import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startSupabaseLocal, type SupabaseLocal } from '@track-orchestrator/supabase-local'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrations } from '../migration-sql.ts'
import { eventOf, idsOf, openLog } from '../testing/open-log.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { setAsideFile } from '../writer/set-aside.ts'
import { placeMigrations } from './init.ts'

/** Runs the command, as a person does. */
function command(args: readonly string[], env: Record<string, string> = {}, cwd = temporaryFolder()) {
  const program = ['--conditions=@track-orchestrator/source', '--import', import.meta.resolve('tsx'), fileURLToPath(new URL('command.ts', import.meta.url)), ...args]
  return new Promise<{ code: number; out: string; said: string }>((resolve) => {
    const child = execFile(process.execPath, program, { cwd, env: { PATH: process.env['PATH'], ...env } }, (_error, out, said) => resolve({ code: child.exitCode ?? -1, out, said }))
  })
}

describe('init', () => {
  const now = Date.parse('2026-12-24T10:20:30Z')
  const subjects = migrations().map(({ name }) => name.replace(/^\d+_/, ''))

  test('copies the migrations in their order, with time stamps of now', () => {
    const folder = join(temporaryFolder(), 'supabase/migrations')
    placeMigrations({ folder, now })
    const names = readdirSync(folder).toSorted()
    expect(names).toEqual(subjects.map((subject, index) => `${20261224102030 + index}_${subject}`))
    expect(names.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(migrations().map(({ sql }) => sql))
  })

  test('goes behind what is there, also where that is of tomorrow, and over the ends of minutes and years', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, '20261231235958_newer.sql'), '')
    placeMigrations({ folder, now })
    expect(readdirSync(folder).toSorted().slice(0, 3).map((name) => name.slice(0, 14))).toEqual(['20261231235958', '20261231235959', '20270101000000'])
  })

  test('may be run again, and brings only what is missing', () => {
    const folder = temporaryFolder()
    placeMigrations({ folder, now })
    const before = readdirSync(folder).toSorted()
    expect(placeMigrations({ folder, now: now + 1_000_000 }).every(({ wasThere }) => wasThere)).toBe(true)
    expect(readdirSync(folder).toSorted()).toEqual(before)
    const older = temporaryFolder()
    for (const { name, sql } of migrations().slice(0, 4)) writeFileSync(join(older, name), sql)
    expect(placeMigrations({ folder: older, now }).map(({ wasThere }) => wasThere)).toEqual(subjects.map((_, index) => index < 4))
  })

  test('touches nothing that somebody changed, and says so', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, '20260101000000_track_runs.sql'), 'select 1')
    expect(() => placeMigrations({ folder, now })).toThrow('20260101000000_track_runs.sql is not what this package brings')
    expect(readdirSync(folder)).toHaveLength(1)
  })
})

describe('the command', () => {
  let supabase: SupabaseLocal
  beforeAll(async () => {
    supabase = await startSupabaseLocal({ migrations: migrations().map(({ sql }) => sql) })
  })
  afterAll(() => supabase.stop())

  test('lays out the migrations where Supabase looks for them', async () => {
    const cwd = temporaryFolder()
    expect(await command(['init'], {}, cwd)).toMatchObject({ code: 0, out: expect.stringMatching(/^new {3}supabase\/migrations\/\d{14}_track_runs\.sql\n/) as string })
    expect(await command(['init'], {}, cwd)).toMatchObject({ code: 0, out: expect.stringMatching(/^there supabase/) as string })
  })

  test('shows what was set aside, and sends it again: what is taken now is gone from there', async () => {
    const { log, spool, spoolFolder } = openLog(supabase)
    await supabase.sql('alter table track_run_events add constraint no_red check (message <> \'red\')')
    for (const message of ['red', 'red', 'blue']) log.write(eventOf('again', 1, { message }))
    log.write(eventOf('again', 3_000_000_000))
    await log.close(100_000)
    const env = { SUPABASE_URL: supabase.url, SUPABASE_SECRET_KEY: supabase.secretKey }
    const args = ['set-aside', '--spool', spoolFolder]
    const shown = await command(args, env)
    expect(shown).toMatchObject({ code: 0, said: '' })
    expect(shown.out).toContain(`${spool()}: 3 set aside\n`)
    expect(shown.out.match(/again log .*23514/g)).toHaveLength(2)

    await supabase.sql('alter table track_run_events drop constraint no_red')
    expect(await command([...args, '--send'], env)).toEqual({ code: 1, out: `${spool()}: 2 sent, 1 left\n`, said: '' })
    expect(await idsOf(supabase, 'again')).toHaveLength(3)
    expect(readFileSync(join(spool(), setAsideFile), 'utf8').trim().split('\n')).toHaveLength(1)
    expect(await command([...args, '--send'], { ...env, SUPABASE_SECRET_KEY: 'sb_secret_wrong' })).toMatchObject({ code: 1, out: `${spool()}: 0 sent, 1 left\n` })
    expect(readdirSync(spool())).toEqual([setAsideFile])
  })

  test('is helped where it is called wrongly, in a line and without a stack', async () => {
    expect(await command([])).toMatchObject({ code: 2, out: '', said: expect.stringContaining('init [--folder') as string })
    expect(await command(['set-aside', '--sned'])).toMatchObject({ code: 2, said: expect.stringMatching(/^supabase-logger: Unknown option '--sned'/) as string })
    expect(await command(['set-aside'])).toEqual({ code: 1, out: '', said: 'supabase-logger: SUPABASE_URL is missing: the address of the project\n' })
    expect(await command(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('set-aside --send') as string })
  })

  test('has a way back: after it nothing is left, and it may all be made again', async () => {
    const { out } = await command(['down'])
    const left = `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'p', 'i')
      union all select proname from pg_proc where pronamespace = 'public'::regnamespace`
    expect((await supabase.sql(left)).length).toBeGreaterThan(10)
    await supabase.sql(out)
    expect(await supabase.sql(left)).toEqual([])
    for (const { sql } of migrations()) await supabase.sql(sql)
  })
})
