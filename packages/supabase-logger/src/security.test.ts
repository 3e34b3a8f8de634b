import { createHmac } from 'node:crypto'
import type { SupabaseClient } from '@supabase/supabase-js'
import { signToken } from '@track-orchestrator/supabase-local'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toEventRow } from './event-row.ts'
import { eventsOf, startHistoryProject, type HistoryProject } from './testing/history-project.ts'

const step = { track: 'Track', path: 'Track/step', step: 'step', taskName: 'task', nested: false }
const bodies = [{ type: 'run.started', kind: 'track' }, { type: 'step.started', ...step }, { type: 'run.succeeded', durationMs: 1 }] as const
const ofA = eventsOf(bodies, { tenantId: 'a', runId: 'run-of-a' })
const ofB = eventsOf(bodies, { tenantId: 'b', runId: 'run-of-b' })
const relations = ['track_run_events', 'track_runs', 'track_runs_newest', 'track_run_steps'] as const
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600

let project: HistoryProject
beforeAll(async () => {
  project = await startHistoryProject()
  await project.store([...ofA, ...ofB])
})
afterAll(() => project.stop())

const authenticated = (claims: object) => project.client(project.tokenFor({ role: 'authenticated', ...claims }))
const everything = async (client: SupabaseClient) =>
  Promise.all(
    relations.map(async (relation) => {
      const { data, error, status } = await client.from(relation).select()
      return { relation, tenants: [...new Set(data?.map(({ tenant_id }) => tenant_id as string))], code: error?.code, status }
    }),
  )
/** What the tables hold, for the proof that nothing has changed. */
const snapshot = () => project.sql('select (select jsonb_agg(e order by id) from track_run_events e) as events, (select jsonb_agg(r order by run_id) from track_runs r) as runs')

test('the service role sees the rows of both tenants: what follows is hidden, not absent', async () => {
  for (const { tenants } of await everything(project.client())) expect(tenants.toSorted()).toEqual(['a', 'b'])
})

describe('a tenant', () => {
  test.each(relations)('sees its own rows of %s, and none of another, in a list', async (relation) => {
    const { data } = await project.tenant('a').from(relation).select()
    expect(data!.length).toBeGreaterThan(0)
    expect(data!.filter(({ tenant_id }) => tenant_id !== 'a')).toEqual([])
  })

  test.each(relations)('does not find another tenant in %s by id, nor by name, nor by any other filter', async (relation) => {
    const client = project.tenant('a')
    const answers = await Promise.all([
      client.from(relation).select().eq('run_id', 'run-of-b'),
      client.from(relation).select().eq('tenant_id', 'b'),
      client.from(relation).select().or('tenant_id.eq.b,run_id.eq.run-of-b'),
      client.from(relation).select().not('tenant_id', 'eq', 'a'),
      client.from(relation).select().in('tenant_id', ['b', 'c']),
    ])
    expect(answers.map(({ data }) => data)).toEqual(answers.map(() => []))
    const { data } = await client.from('track_run_events').select().eq('id', ofB[0]!.id)
    expect(data).toEqual([])
  })

  test.each(relations)('counts only its own rows of %s', async (relation) => {
    const count = async (client: SupabaseClient) => (await client.from(relation).select('*', { count: 'exact', head: true })).count
    const [own, all] = [await count(project.tenant('a')), await count(project.client())]
    expect(own).toBe(all! / 2)
  })

  test('embeds only its own events', async () => {
    const { data } = await project.tenant('a').from('track_runs').select('run_id, run_events(run_id, tenant_id)')
    expect(data).toEqual([{ run_id: 'run-of-a', run_events: ofA.map(() => ({ run_id: 'run-of-a', tenant_id: 'a' })) }])
    const inner = await project.tenant('a').from('track_runs').select('run_id, run_events!inner(id)').eq('run_events.tenant_id', 'b')
    expect(inner.data).toEqual([])
  })

  test('reaches nothing of another through a function', async () => {
    const client = project.tenant('a')
    const { data } = await client.rpc('run_events', { run: { tenant_id: 'b', run_id: 'run-of-b' } })
    expect(data ?? []).toEqual([])
    expect((await client.rpc('delete_old_track_runs', { keep_days: 1 })).error?.code).toBe('42501')
    expect((await client.rpc('track_run_event_id_at', { moment: '2026-01-01' })).error?.code).toBe('42501')
    for (const trigger of ['track_runs_follow_events', 'broadcast_track_run']) expect((await client.rpc(trigger)).error).not.toBeNull()
  })

  test('does not see another by ordering, ranges or plans either', async () => {
    const { data, count } = await project.tenant('a').from('track_run_events').select('tenant_id', { count: 'planned' }).order('tenant_id', { ascending: false }).range(0, 999)
    expect(new Set(data!.map(({ tenant_id }) => tenant_id as string))).toEqual(new Set(['a']))
    expect(count).not.toBeNull()
  })
})

describe.each([
  ['a tenant', () => project.tenant('a')],
  ['anon', () => project.client(project.anonKey)],
])('%s cannot write', (_, client) => {
  const row = () => ({ ...toEventRow(ofA[0]!), id: '01890000-0000-7000-8000-000000000000' })
  test.each([
    ['add an event', () => client().from('track_run_events').insert(row())],
    ['add an event to another tenant', () => client().from('track_run_events').insert({ ...row(), tenant_id: 'b' })],
    ['add an event as the writer does', () => client().from('track_run_events').upsert([row()], { onConflict: 'id', ignoreDuplicates: true, defaultToNull: false })],
    ['replace an event', () => client().from('track_run_events').upsert({ ...toEventRow(ofA[0]!), message: 'changed' })],
    ['change an event', () => client().from('track_run_events').update({ message: 'changed' }).eq('tenant_id', 'a')],
    ['delete events', () => client().from('track_run_events').delete().eq('tenant_id', 'a')],
    ['add a run', () => client().from('track_runs').insert({ tenant_id: 'a', run_id: 'x', project_id: 'p', name: 'x', status: 'running' })],
    ['change a run', () => client().from('track_runs').update({ status: 'failed' }).eq('run_id', 'run-of-a')],
    ['move a run to itself', () => client().from('track_runs').update({ tenant_id: 'a' }).eq('run_id', 'run-of-b')],
    ['delete runs', () => client().from('track_runs').delete().neq('run_id', '')],
    ['change a run through the view', () => client().from('track_runs_newest').update({ status: 'failed' }).eq('run_id', 'run-of-a')],
    ['delete through the view', () => client().from('track_runs_newest').delete().eq('run_id', 'run-of-a')],
    ['delete old runs', () => client().rpc('delete_old_track_runs', { keep_days: 1 })],
  ])('it may not %s', async (_name, write) => {
    const before = await snapshot()
    const { error, status } = await write()
    expect([401, 403, 400, 404, 405]).toContain(status)
    expect(error).not.toBeNull()
    expect(await snapshot()).toEqual(before)
  })
})

test('not even the service role changes or deletes what has happened', async () => {
  const client = project.client()
  const answers = await Promise.all([
    client.from('track_run_events').update({ message: 'changed' }).eq('tenant_id', 'a'),
    client.from('track_run_events').delete().eq('tenant_id', 'a'),
    client.from('track_run_events').upsert({ ...toEventRow(ofA[0]!), message: 'changed' }, { defaultToNull: false }),
    client.from('track_runs').update({ status: 'failed' }).eq('tenant_id', 'a'),
    client.from('track_runs').delete().eq('tenant_id', 'a'),
  ])
  expect(answers.map(({ error }) => error?.code)).toEqual(answers.map(() => '42501'))
})

test('anon sees nothing', async () => {
  for (const { tenants, code } of await everything(project.client(project.anonKey))) {
    expect(tenants).toEqual([])
    expect(code).toBe('42501')
  }
  expect((await project.client(project.anonKey).rpc('run_events', { run: { tenant_id: 'a', run_id: 'run-of-a' } })).error).not.toBeNull()
})

describe('a token is refused', () => {
  const claims = () => ({ role: 'authenticated', app_metadata: { tenant_id: 'a' }, exp: inAnHour() })
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

  test.each([
    ['that is expired', () => project.tokenFor({ ...claims(), exp: Math.floor(Date.now() / 1000) - 60 })],
    ['signed with another secret', () => signToken(claims(), 'another-secret-that-is-long-enough-for-it')],
    ['of the service role, signed with another secret', () => signToken({ role: 'service_role' }, 'another-secret-that-is-long-enough-for-it')],
    [
      'whose claims were changed after it was signed',
      () => {
        const [head, , signature] = project.tokenFor(claims()).split('.')
        return `${head}.${part({ ...claims(), app_metadata: { tenant_id: 'b' } })}.${signature}`
      },
    ],
    ['that says it needs no signature', () => `${part({ alg: 'none', typ: 'JWT' })}.${part({ ...claims(), role: 'service_role' })}.`],
    [
      'signed with the public key as the secret',
      () => {
        const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims(), role: 'service_role' })}`
        return `${signed}.${createHmac('sha256', project.anonKey).update(signed).digest('base64url')}`
      },
    ],
    ['that is none', () => 'nonsense'],
  ])('%s', async (_, token) => {
    for (const { status, tenants } of await everything(project.client(token()))) expect([status, tenants]).toEqual([401, []])
  })

  test.each(['postgres', 'supabase_admin', 'authenticator', 'nobody'])('that asks for the role %s', async (role) => {
    for (const { status, tenants } of await everything(project.client(project.tokenFor({ role })))) {
      expect(status).toBeGreaterThanOrEqual(400)
      expect(tenants).toEqual([])
    }
  })
})

describe('what a user can edit widens nothing', () => {
  test.each([
    ['user_metadata names a tenant', { user_metadata: { tenant_id: 'b' } }],
    ['user_metadata names a role', { user_metadata: { role: 'service_role', app_metadata: { tenant_id: 'b' } } }],
    ['the tenant stands at the top of the claims', { tenant_id: 'b' }],
    ['the tenant is null', { app_metadata: { tenant_id: null } }],
    ['the tenant is a list', { app_metadata: { tenant_id: ['a', 'b'] } }],
    ['the tenant is an object', { app_metadata: { tenant_id: { in: ['a', 'b'] } } }],
    ['the tenant is a pattern', { app_metadata: { tenant_id: '%' } }],
    ['the tenant is empty', { app_metadata: { tenant_id: '' } }],
    ['app_metadata is missing', {}],
    ['app_metadata is text', { app_metadata: 'b' }],
  ])('nothing is seen when %s', async (_, claims) => {
    for (const { tenants, status } of await everything(authenticated(claims))) expect([status, tenants]).toEqual([200, []])
  })

  test('a tenant stays itself whatever user_metadata says', async () => {
    const client = authenticated({ app_metadata: { tenant_id: 'a' }, user_metadata: { tenant_id: 'b', role: 'service_role' } })
    for (const { tenants } of await everything(client)) expect(tenants).toEqual(['a'])
  })
})

test('every table of the history has row-level security, and every view asks with the rights of whoever reads', async () => {
  expect(await project.sql(`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity`)).toEqual([])
  expect(await project.sql(`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v' and not coalesce(reloptions @> array['security_invoker=true'], false)`)).toEqual([])
})

test('every function that acts with its owner’s rights names its schemas in full, and is closed to users', async () => {
  const functions = await project.sql(
    `select proname, proconfig, has_function_privilege('authenticated', oid, 'execute') or has_function_privilege('anon', oid, 'execute') as open
     from pg_proc where pronamespace = 'public'::regnamespace and prosecdef order by proname`,
  )
  const waiting = ['search_path=""', 'lock_timeout=2s']
  const settings = { broadcast_track_run: ['search_path=""'], delete_old_track_runs: ['search_path=""'], erase_track_runs: waiting, track_runs_follow_events: waiting }
  expect(functions).toEqual(Object.entries(settings).map(([proname, proconfig]) => ({ proname, proconfig, open: false })))
})
