import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRunReader } from './reader/run-reader.ts'
import { startHistoryProject, type HistoryProject } from './testing/history-project.ts'
import { addManyEvents, addManyRuns } from './testing/many-runs.ts'
import { plansOf } from './testing/plan-of.ts'

/** Rows of each table. The bench `history` asks a million. */
const count = 200_000

let project: HistoryProject
beforeAll(async () => {
  project = await startHistoryProject()
  await addManyRuns(project, count)
  await addManyEvents(project, count)
})
afterAll(() => project.stop())

const key = { tenantId: 't7', projectId: 'p3' }
const runId = 'run_157' // of t7 and p3

describe.each([
  ['a user of the tenant', () => project.tokenFor({ role: 'authenticated', app_metadata: { tenant_id: 't7' } })],
  ['the service role', () => project.serviceRoleKey],
])('as %s', (_, token) => {
  test('the last 50 runs of a project are read from the index, and no other row is touched', async () => {
    const [plan] = await plansOf(project, token(), (client) => createRunReader(client).listRuns(key))
    expect(plan).toMatchObject({ scans: ['Index Scan track_runs_of_project'], sorted: 0, read: 51 })
  })

  test('a page far down costs what the first one costs', async () => {
    const pages = async (client: Parameters<Parameters<typeof plansOf>[2]>[0]) => {
      const reader = createRunReader(client)
      let after: string | undefined
      for (let page = 0; page < 4; page++) after = (await reader.listRuns({ ...key, limit: 40, ...(after && { after }) })).next
    }
    const plans = await plansOf(project, token(), pages)
    expect(plans).toHaveLength(4)
    for (const { scans, sorted, read } of plans) {
      expect([scans, sorted]).toEqual([['Index Scan track_runs_of_project'], 0])
      expect(read).toBeLessThanOrEqual(42)
    }
  })

  test('the last runs of a tenant, the view of newest runs, and those since a moment are read from an index too', async () => {
    const plans = await plansOf(project, token(), async (client) => {
      const reader = createRunReader(client)
      await reader.listRuns({ tenantId: 't7' })
      await reader.listRuns({ ...key, startedFrom: Date.parse('2026-01-02'), startedBefore: Date.parse('2026-01-03'), limit: 10 })
      await client.from('track_runs_newest').select().eq('tenant_id', 't7').eq('project_id', 'p3').limit(50)
    })
    expect(plans.map(({ scans, sorted }) => [scans, sorted])).toEqual([
      [['Index Scan track_runs_of_tenant'], 0],
      [['Index Scan track_runs_of_project'], 0],
      [['Index Scan track_runs_of_project'], 0],
    ])
    for (const { read } of plans) expect(read).toBeLessThanOrEqual(51)
  })

  test('a run, its steps and its events are found by their key', async () => {
    const plans = await plansOf(project, token(), async (client) => {
      const reader = createRunReader(client)
      expect((await reader.readRun({ tenantId: 't7', runId }))?.steps).toHaveLength(5)
      for await (const _event of reader.readEvents({ tenantId: 't7', runId }));
    })
    const found = plans.map(({ scans, read }) => `${scans.join()}: ${read}`).toSorted()
    // Steps are the answer of one function, which is not looked into; the events are followed by a page that is empty.
    expect(found).toEqual([': 0', 'Index Scan track_run_events_run: 0', 'Index Scan track_run_events_run: 10', 'Index Scan track_runs_pkey: 1'])
  })
})

test('a user who names no tenant still reads by the index: the policy names it', async () => {
  const token = project.tokenFor({ role: 'authenticated', app_metadata: { tenant_id: 't7' } })
  const [plan] = await plansOf(project, token, async (client) => client.from('track_runs').select().eq('project_id', 'p3').order('started_at', { ascending: false }).limit(50))
  expect(plan).toMatchObject({ scans: ['Index Scan track_runs_of_project'], read: 50 })
})
