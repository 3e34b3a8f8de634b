import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createRealtimeChanges } from './reader/run-changes.ts'
import { eventsOf, startHistoryProject, type HistoryProject } from './testing/history-project.ts'

/** Stands in for Supabase Realtime, which cannot be had here: it notes what it is given, and fails on demand. The migration is ours and real. */
const realtimeSql = `
  create schema realtime;
  create table realtime.messages (payload jsonb, event text, topic text, private boolean, sent serial);
  alter table realtime.messages enable row level security;
  create function realtime.topic() returns text language sql stable as $$ select current_setting('realtime.topic', true) $$;
  create function realtime.send(payload jsonb, event text, topic text, private boolean) returns void language plpgsql as $$
  begin
    if topic = 'track_runs:broken' then raise exception 'Realtime is down'; end if;
    insert into realtime.messages values (payload, event, topic, private);
  end $$;
  grant usage on schema realtime to authenticated;
  grant execute on function realtime.topic() to authenticated;
  grant select on realtime.messages to authenticated;`

const bodies = [{ type: 'run.started', kind: 'track' }, { type: 'run.failed', durationMs: 1, error: { name: 'E', code: 'task_failed', message: 'private', retryable: true } }] as const

let project: HistoryProject
beforeAll(async () => {
  project = await startHistoryProject([realtimeSql])
})
afterAll(() => project.stop())

test('each change of a run is broadcast once to its tenant, without its error', async () => {
  const [started, failed] = eventsOf(bodies, { runId: 'told' })
  await project.store([started!])
  await project.store([failed!])
  await project.store([failed!])
  const sent = await project.sql(`select payload, event, topic, private from realtime.messages where topic = 'track_runs:a' order by sent`)
  const message = (status: string, eventCount: number) => ({ payload: { runId: 'told', projectId: 'p', name: 'Track', status, eventCount }, event: 'run.changed', topic: 'track_runs:a', private: true })
  expect(sent).toEqual([message('running', 1), message('failed', 2)])
})

test('a Realtime that fails costs no event', async () => {
  await project.store(eventsOf(bodies, { runId: 'untold', tenantId: 'broken' }))
  expect(await project.sql(`select event_count from track_runs where run_id = 'untold'`)).toEqual([{ event_count: '2' }])
})

test('only a user of the tenant may hear its topic', async () => {
  await project.store(eventsOf(bodies, { tenantId: 'c' }))
  const heard = async (tenantId: string | undefined, topic: string) => {
    const claims = JSON.stringify({ app_metadata: { tenant_id: tenantId }, user_metadata: { tenant_id: 'c' } })
    const settings = `select set_config('request.jwt.claims', '${claims}', true), set_config('realtime.topic', '${topic}', true)`
    return (await project.sql(`begin; set local role authenticated; ${settings}; select count(*)::int from realtime.messages; commit`))[0]?.['count']
  }
  expect(await heard('c', 'track_runs:c')).toBeGreaterThan(0)
  expect(await heard('b', 'track_runs:c')).toBe(0)
  expect(await heard(undefined, 'track_runs:c')).toBe(0)
  expect(await heard(undefined, 'track_runs:')).toBe(0)
})

test('followers of one tenant share a channel, hear of their own run, and the last one closes it', async () => {
  const listeners: ((message: { payload: { runId: string } }) => void)[] = []
  const channel = {
    on: (_type: string, _filter: object, listener: (typeof listeners)[number]) => {
      listeners.push(listener)
      return channel
    },
    subscribe: () => channel,
  }
  const client = { channel: vi.fn(() => channel), removeChannel: vi.fn(async () => 'ok' as const) }
  const changes = createRealtimeChanges(client)
  const heard: string[] = []
  const leaveFirst = changes.subscribe({ tenantId: 'a', runId: '1' }, () => heard.push('first'))
  const leaveSecond = changes.subscribe({ tenantId: 'a', runId: '2' }, () => heard.push('second'))
  expect(client.channel.mock.calls).toEqual([['track_runs:a', { config: { private: true } }]])
  for (const runId of ['2', '1', '3']) for (const listener of listeners) listener({ payload: { runId } })
  expect(heard).toEqual(['second', 'first'])
  leaveFirst()
  leaveFirst()
  expect(client.removeChannel).not.toHaveBeenCalled()
  leaveSecond()
  await sleep(0)
  expect(client.removeChannel).toHaveBeenCalledOnce()
})
