import { createClient } from '@supabase/supabase-js'
import type { RunEvent } from '@track-orchestrator/core'
import { WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRunReader } from './reader/run-reader.ts'
import { toEventRow } from './event-row.ts'
import { eventsOf, newRunId, startHistoryProject, type HistoryProject } from './testing/history-project.ts'

interface Project {
  readonly url: string
  readonly serviceRoleKey: string
  readonly anonKey?: string
}

/** A real project with the migrations applied, if you name one. A few rows of the tenant `contract-test` stay behind in it. */
const { SUPABASE_TEST_URL: url, SUPABASE_TEST_SERVICE_ROLE_KEY: serviceRoleKey, SUPABASE_TEST_ANON_KEY: anonKey } = process.env
const real: Project | undefined = url && serviceRoleKey ? { url, serviceRoleKey, ...(anonKey && { anonKey }) } : undefined

let local: HistoryProject
beforeAll(async () => {
  local = await startHistoryProject()
})
afterAll(() => local.stop())

describe.each([
  { title: 'the local project', project: (): Project | undefined => local, skip: false },
  { title: 'the project at SUPABASE_TEST_URL', project: () => real, skip: !real },
])('$title', ({ project, skip }) => {
  const clientFor = (key: string) => createClient(project()!.url, key, { auth: { persistSession: false }, realtime: { transport: WebSocket as never } })
  const service = () => clientFor(project()!.serviceRoleKey)
  const bodies = [{ type: 'run.started', kind: 'track' }, { type: 'step.started', track: 'T', path: 'T/s', step: 's', taskName: 's', nested: false }, { type: 'run.succeeded', durationMs: 5 }] as const
  const store = (events: readonly RunEvent[]) => service().rpc('store_track_run_events', { events: events.map(toEventRow) })

  test.skipIf(skip)('takes events, twice and out of order, and makes the run of them', async () => {
    const key = { tenantId: 'contract-test', runId: newRunId() }
    const events = eventsOf(bodies, { ...key, at: Date.now() })
    expect((await store([events[2]!, events[1]!])).error).toBeNull()
    expect((await store(events)).error).toBeNull()
    const reader = createRunReader(service())
    expect(await reader.readRun(key)).toMatchObject({ status: 'succeeded', durationMs: 5, eventCount: 3, steps: [{ step: 's', status: 'running' }] })
    expect((await reader.listRuns({ tenantId: 'contract-test', limit: 500 })).runs.map(({ runId }) => runId)).toContain(key.runId)
    const followed: string[] = []
    for await (const event of reader.followRun(key, { lingerMs: 100 })) followed.push(event.id)
    expect(followed).toEqual(events.map(({ id }) => id))
  })

  test.skipIf(skip)('lets nobody change what has happened', async () => {
    const { error } = await service().from('track_run_events').delete().eq('tenant_id', 'contract-test')
    expect(error?.code).toBe('42501')
  })

  test.skipIf(skip || (real && !anonKey))('shows anon nothing', async () => {
    expect((await clientFor(project()!.anonKey!).from('track_runs').select()).error?.code).toBe('42501')
  })
})
