import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsOf, startHistoryProject, type HistoryProject } from '../testing/history-project.ts'
import { createHistoryKeeper } from './history-keeper.ts'

let project: HistoryProject
beforeAll(async () => {
  project = await startHistoryProject()
})
afterAll(() => project.stop())

const started = { type: 'run.started', kind: 'track', inputSizeBytes: 5 } as const
const store = async (tenantId: string, runIds: readonly string[]) => {
  for (const runId of runIds) await project.store(eventsOf([started], { tenantId, runId }))
}
const left = async () => (await project.sql('select tenant_id, run_id from track_runs order by 1, 2')).map((row) => `${String(row['tenant_id'])} ${String(row['run_id'])}`)

test('a keeper of the history deletes the rows of a run or a tenant, and knows all runs of one, beyond a page and a short answer', async () => {
  const keeper = createHistoryKeeper(project.client())
  const many = Array.from({ length: 530 }, (_, place) => `many-${place}`)
  await project.store(many.flatMap((runId) => eventsOf([started], { tenantId: 'many', runId })))
  await store('acme', ['r', 'r1'])
  await store('acme2', ['r'])
  expect((await keeper.runsOf('many')).toSorted()).toEqual(many.toSorted())
  expect(await keeper.runsOf('nobody')).toEqual([])
  expect(await keeper.deleteTenant('many')).toEqual({ events: 530, runs: 530 })
  expect(await keeper.deleteRun({ tenantId: 'acme', runId: 'r' })).toEqual({ events: 1, runs: 1 })
  expect(await keeper.deleteRun({ tenantId: 'acme', runId: 'r' })).toEqual({ events: 0, runs: 0 })
  expect(await left()).toEqual(['acme r1', 'acme2 r'])
})

test('and is refused without the secret key, whichever tenant asks', async () => {
  const keeper = createHistoryKeeper(project.tenant('acme'))
  await expect(keeper.deleteRun({ tenantId: 'acme', runId: 'r1' })).rejects.toMatchObject({ name: 'ProviderError', message: expect.stringContaining('42501') as string })
  await expect(keeper.deleteTenant('acme2')).rejects.toMatchObject({ name: 'ProviderError' })
  expect(await left()).toEqual(['acme r1', 'acme2 r'])
})
