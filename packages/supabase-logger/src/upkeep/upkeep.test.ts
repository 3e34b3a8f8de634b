import { cpSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEventBody } from '@track-orchestrator/core'
import { errorToJson } from '@track-orchestrator/registry'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toEventRow } from '../event-row.ts'
import { eventsOf, newRunId, startHistoryProject, type HistoryProject } from '../testing/history-project.ts'
import { holdRunRow } from '../testing/hold-run-row.ts'
import { openLog } from '../testing/open-log.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { deleteOldRuns, eraseRun, eraseTenant } from './upkeep.ts'

let project: HistoryProject
beforeAll(async () => {
  project = await startHistoryProject()
})
afterAll(() => project.stop())

const error = errorToJson(new Error('broken'))
const step = { track: 'Track', path: 'Track/step', step: 'step', taskName: 'task', nested: false }
const started = { type: 'run.started', kind: 'track', inputSizeBytes: 5 } as const
const succeeded = { type: 'run.succeeded', durationMs: 2000, outputSizeBytes: 7 } as const
const failed = { type: 'run.failed', durationMs: 1000, error } as const
const stepStarted = { type: 'step.started', ...step } as const
const stepSucceeded = { type: 'step.succeeded', attempt: 1, durationMs: 10, ...step } as const

const runOf = async (runId: string) => (await project.sql('select * from track_runs where run_id = $1', [runId]))[0]
const storeRun = async (bodies: readonly RunEventBody[], facts: Parameters<typeof eventsOf>[1] = {}) => {
  const runId = facts.runId ?? newRunId()
  const events = eventsOf(bodies, { ...facts, runId })
  await project.store(events)
  return { runId, events }
}
const leftOf = async (tenantId: string) =>
  (await project.sql('select (select count(*) from track_run_events where tenant_id = $1)::int as events, (select count(*) from track_runs where tenant_id = $1)::int as runs', [tenantId]))[0]

describe('where clocks of machines are an hour apart', () => {
  const hour = 3_600_000
  /** Attempts of one run, each written by a log of its own on a machine with another clock, and stored in this order. */
  async function attempts(runId: string, all: readonly { readonly clock: number; readonly bodies: readonly RunEventBody[] }[]) {
    for (const { clock, bodies } of all) {
      const { log } = openLog(project)
      for (const event of eventsOf(bodies, { runId, at: Date.now() + clock })) log.write(event)
      await log.close(100_000)
    }
  }

  test.each([
    ['ahead', hour],
    ['behind', -hour],
  ])('a run that failed on a machine whose clock is %s, resumed elsewhere and succeeded, has succeeded', async (_, clock) => {
    const runId = newRunId()
    await attempts(runId, [{ clock, bodies: [started, stepStarted, { type: 'step.failed', attempt: 1, durationMs: 1, error, handled: false, ...step }, failed] }, { clock: -clock, bodies: [started, stepStarted] }])
    expect(await runOf(runId)).toMatchObject({ status: 'running', error: null, ended_at: null })
    await attempts(runId, [{ clock: 0, bodies: [stepSucceeded, succeeded] }])
    expect(await runOf(runId)).toMatchObject({ status: 'succeeded', error: null })
    const { data } = await project.client().from('track_run_steps').select().eq('run_id', runId)
    expect(data).toMatchObject([{ status: 'succeeded', error: null }])
  })

  test('and events of the first attempt that come last change nothing', async () => {
    const runId = newRunId()
    const late = openLog({ ...project, url: 'http://127.0.0.1:1' })
    for (const event of eventsOf([started, stepStarted, failed], { runId, at: Date.now() + hour })) late.log.write(event)
    await late.log.close(0)
    await attempts(runId, [{ clock: -hour, bodies: [started, stepStarted, stepSucceeded, succeeded] }])
    const spoolFolder = temporaryFolder()
    // What the dead process left, found by one that logs to the right address.
    const heir = openLog(project, { spoolFolder })
    heir.log.write(eventsOf([stepStarted], { runId: newRunId() })[0]!)
    await heir.log.flush(100_000)
    cpSync(late.spool(), heir.spool(), { recursive: true })
    await heir.log.close(100_000)
    expect(await runOf(runId)).toMatchObject({ status: 'succeeded', event_count: '7' })
  })

  test('a step stands as what happened last says, by the clock of the database, of which each writer may be off', async () => {
    const runId = newRunId()
    const write = async (writer: string, clock: number, bodies: readonly RunEventBody[]) => {
      const own = (afterMs: number) => new Date(Date.now() + clock + afterMs).toISOString()
      const events = eventsOf(bodies, { runId, at: Date.now() + clock }).map((event, index) => ({ ...toEventRow(event), writer, written_at: own(index), sent_at: own(bodies.length) }))
      expect((await project.client().rpc('store_track_run_events', { events })).error).toBeNull()
      await sleep(20)
    }
    await write('ahead', hour, [started, stepStarted, { type: 'step.failed', attempt: 1, durationMs: 1, error, handled: false, ...step }, failed])
    await write('behind', -hour, [started, stepStarted, stepSucceeded, succeeded])
    const { data } = await project.client().from('track_run_steps').select().eq('run_id', runId)
    expect([data, await runOf(runId)]).toMatchObject([[{ status: 'succeeded', error: null }], { status: 'succeeded' }])
  })

  test('the end of an attempt wins over its own beginning, though they were written by two', async () => {
    const runId = newRunId()
    await attempts(runId, [{ clock: hour, bodies: [started] }, { clock: -hour, bodies: [succeeded] }])
    expect(await runOf(runId)).toMatchObject({ status: 'succeeded' })
  })
})

test('what is older than the days to keep is deleted, and nothing else', async () => {
  const daysAgo = (days: number) => ({ at: Date.now() - days * 86_400_000, tenantId: 'old' })
  await storeRun([started, succeeded], daysAgo(31))
  const { runId } = await storeRun([started, succeeded], daysAgo(29))
  const long = eventsOf([started], { ...daysAgo(40), runId: newRunId() })
  await project.store([...long, ...eventsOf([succeeded], { ...daysAgo(1), runId: long[0]!.runId })])

  const { data } = await project.client().rpc('delete_old_track_runs', { keep_days: 30 })
  expect((data as { deleted_runs: number }).deleted_runs).toBeGreaterThanOrEqual(1)
  const left = await project.sql(`select run_id, event_count from track_runs where tenant_id = 'old' order by started_at desc`)
  expect(left.map((row) => row['run_id'])).toEqual([runId, long[0]!.runId])
  expect(await project.sql(`select count(*)::int from track_run_events where tenant_id = 'old'`)).toEqual([{ count: 3 }])
  expect((await project.client().rpc('delete_old_track_runs', { keep_days: 0 })).error?.message).toBe('keep_days is 0; give at least 1')
})

test('what still runs is kept, however long it waits; one whose process died goes when it is asked for', async () => {
  const { runId } = await storeRun([started, stepStarted], { at: Date.now() - 200 * 86_400_000, tenantId: 'waiting' })
  const service = project.client()
  await service.rpc('delete_old_track_runs', { keep_days: 30 })
  expect(await runOf(runId)).toMatchObject({ status: 'running', event_count: '2' })
  await service.rpc('delete_old_track_runs', { keep_days: 30, silent_days: 201 })
  expect(await project.sql('select count(*)::int from track_run_events where run_id = $1', [runId])).toEqual([{ count: 2 }])
  await service.rpc('delete_old_track_runs', { keep_days: 30, silent_days: 199 })
  expect(await runOf(runId)).toBeUndefined()
  for (const args of [{ keep_days: 30, portion: 0 }, { keep_days: 30, silent_days: 0 }]) expect((await service.rpc('delete_old_track_runs', args)).error?.code).toBe('22023')
})

test('old runs go in portions, with what is left in the next, past a run that somebody has locked', async () => {
  const ids = []
  for (let index = 0; index < 5; index++) ids.push((await storeRun([started, stepStarted, stepSucceeded, succeeded], { at: Date.now() - (60 + index) * 86_400_000, tenantId: 'portions' })).runId)
  const letGo = await holdRunRow(project, ids[2]!)
  const { data } = await project.client().rpc('delete_old_track_runs', { keep_days: 30, portion: 6 })
  expect(data).toEqual({ deleted_events: 6, deleted_runs: 1, more: true })
  expect(await deleteOldRuns(project.client(), { keepDays: 30, portion: 6 })).toEqual({ events: 10, runs: 3 })
  const left = `select run_id from track_runs where tenant_id = 'portions'`
  expect(await project.sql(left)).toEqual([{ run_id: ids[2] }])
  await letGo()
  await project.client().rpc('delete_old_track_runs', { keep_days: 30 })
  expect(await project.sql(`${left} union select run_id from track_run_events where tenant_id = 'portions'`)).toEqual([])
})

describe('erasing', () => {
  test('takes a run whole, tells how much there was, and keeps out what a worker still had of it', async () => {
    const { runId, events } = await storeRun([started, ...Array.from({ length: 30 }, () => stepStarted), succeeded], { tenantId: 'erased' })
    const other = await storeRun([started, succeeded], { tenantId: 'erased' })
    expect(await eraseRun(project.client(), { tenantId: 'erased', runId }, { portion: 7 })).toEqual({ events: 32, runs: 1 })
    expect(await leftOf('erased')).toEqual({ events: 2, runs: 1 })
    await project.store([...events, ...eventsOf([stepStarted], { tenantId: 'erased', runId }), ...eventsOf([stepStarted], { tenantId: 'erased', runId: other.runId })])
    expect(await leftOf('erased')).toEqual({ events: 3, runs: 1 })
    expect(await eraseRun(project.client(), { tenantId: 'erased', runId })).toEqual({ events: 0, runs: 0 })
  })

  test('takes a tenant whole while it logs, and lets it begin anew', async () => {
    const before = openLog(project, { intervalMs: 5 })
    const events = eventsOf(Array.from({ length: 200 }, () => stepStarted), { tenantId: 'leaving', at: Date.now() })
    const writing = (async () => {
      for (const event of events) {
        before.log.write(event)
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    })()
    await expect.poll(async () => (await leftOf('leaving'))?.['events']).toBeGreaterThan(20)
    await storeRun([started, succeeded], { tenantId: 'staying' })
    await project.stopDatabase()
    await writing // the rest lies on disk
    await project.startDatabase()
    await eraseTenant(project.client(), 'leaving')
    await before.log.close(100_000)
    await eraseTenant(project.client(), 'leaving')
    expect(await leftOf('leaving')).toEqual({ events: 0, runs: 0 })
    expect(await leftOf('staying')).toEqual({ events: 2, runs: 1 })
    const anew = openLog(project)
    anew.log.write(eventsOf([started], { tenantId: 'leaving', at: Date.now() })[0]!)
    await anew.log.close(100_000)
    expect(await leftOf('leaving')).toEqual({ events: 1, runs: 1 })
  })

  test('is for the secret key only, and for a tenant and run that are such', async () => {
    await expect(eraseTenant(project.tenant('a'), 'a')).rejects.toMatchObject({ name: 'ProviderError', message: expect.stringContaining('42501') as string })
    for (const key of [{ tenantId: 'a', runId: '' }, { tenantId: 'a' }, { tenantId: '', runId: 'x' }]) await expect(eraseRun(project.client(), key as never)).rejects.toMatchObject({ name: 'DefinitionError' })
    await expect(deleteOldRuns(project.client(), { keepDays: 0 })).rejects.toThrow('keepDays must be a whole number from 1')
    const { error: refused } = await project.client().rpc('erase_track_runs', { tenant: '' })
    expect(refused?.code).toBe('22023')
    const { error: hidden } = await project.tenant('a').from('track_run_erasures').select()
    expect(hidden?.code).toBe('42501')
  })
})
