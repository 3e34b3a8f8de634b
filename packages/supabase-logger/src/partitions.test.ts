import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsOf, startHistoryProject, type HistoryProject } from './testing/history-project.ts'
import { renderDatabase } from './testing/render-database.ts'

const bodies = [{ type: 'run.started', kind: 'track' }, { type: 'run.succeeded', durationMs: 1 }] as const
const day = 86_400_000

let project: HistoryProject
beforeAll(async () => {
  project = await startHistoryProject([await readFile(new URL('../supabase/optional/20261122000000_track_run_events_partitioned.sql', import.meta.url), 'utf8')])
})
afterAll(() => project.stop())

const partitionOf = async (id: string) => (await project.sql('select tableoid::regclass::text as name from track_run_events where id = $1', [id]))[0]?.['name']
const partitions = async () =>
  (await project.sql(`select inhrelid::regclass::text as name from pg_inherits where inhparent = 'track_run_events'::regclass order by 1`)).map(({ name }) => name as string)
const monthOf = (at: number) => `track_run_events_${new Date(at).toISOString().slice(0, 7).replace('-', '_')}`

test('the partitioned table has the same columns, keys and types', async () => {
  expect(await renderDatabase(project)).toBe(await readFile(new URL('database.ts', import.meta.url), 'utf8'))
})

test('events go to the partition of their month, and twice is still once', async () => {
  const events = eventsOf(bodies, { at: Date.now() })
  await project.store(events)
  await project.store(events.toReversed())
  expect(await partitionOf(events[0]!.id)).toBe(monthOf(events[0]!.at))
  expect(await project.sql('select status, event_count from track_runs where run_id = $1', [events[0]!.runId])).toEqual([{ status: 'succeeded', event_count: '2' }])
})

test('an event of no month that there is, is kept all the same', async () => {
  const events = eventsOf(bodies, { at: 0 })
  await project.store(events)
  expect(await partitionOf(events[0]!.id)).toBe('track_run_events_other')
})

test('a tenant sees its own, through the table only', async () => {
  await project.store([...eventsOf(bodies, { at: Date.now(), tenantId: 'a' }), ...eventsOf(bodies, { at: Date.now(), tenantId: 'b' })])
  const { data } = await project.tenant('b').from('track_run_events').select('tenant_id')
  expect(data).toEqual([{ tenant_id: 'b' }, { tenant_id: 'b' }])
  for (const partition of await partitions()) {
    for (const client of [project.tenant('b'), project.client(project.anonKey), project.client()]) {
      expect((await client.from(partition).select()).error?.code).toMatch(/42501|42P01|PGRST205/)
    }
  }
})

test('months to come are made ahead, and old months dropped whole', async () => {
  const service = project.client()
  expect((await service.rpc('create_track_run_event_partitions', { months_ahead: 3 })).data).toBe(0)
  expect((await service.rpc('create_track_run_event_partitions', { months_ahead: 5 })).data).toBe(2)
  const old = Date.now() - 100 * day
  const [from, to] = [new Date(old).toISOString().slice(0, 7), new Date(Date.now() - 60 * day).toISOString().slice(0, 7)]
  await project.sql(`create table ${monthOf(old)} partition of track_run_events for values from (track_run_event_id_at('${from}-01Z')) to (track_run_event_id_at('${to}-01Z'))`)
  const events = eventsOf(bodies, { at: old })
  await project.store(events)
  expect(await partitionOf(events[0]!.id)).toBe(monthOf(old))
  const before = await partitions()
  expect((await service.rpc('drop_track_run_event_partitions', { keep_days: 30 })).data).toBe(1)
  expect(await partitions()).toEqual(before.filter((name) => name !== monthOf(old)))
  expect((await service.rpc('drop_track_run_event_partitions', { keep_days: 0 })).error?.message).toMatch(/at least 1/)
  expect((await project.tenant('a').rpc('drop_track_run_event_partitions', { keep_days: 1 })).error?.code).toBe('42501')
})
