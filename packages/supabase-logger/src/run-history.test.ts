import { errorToJson } from '@track-orchestrator/registry'
import type { RunEvent, RunEventBody } from '@track-orchestrator/core'
import { exampleEvents } from '@track-orchestrator/core/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toEventRow } from './event-row.ts'
import { eventsOf, newRunId, startHistoryProject, type HistoryProject } from './testing/history-project.ts'

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

test('a run that ended is one row that says how', async () => {
  const { runId, events } = await storeRun([started, stepStarted, succeeded], { userId: 'u' })
  expect(await runOf(runId)).toMatchObject({
    tenant_id: 'a',
    project_id: 'p',
    user_id: 'u',
    name: 'Track',
    kind: 'track',
    status: 'succeeded',
    started_at: new Date('2026-01-02T03:04:05Z'),
    ended_at: new Date('2026-01-02T03:04:07Z'),
    duration_ms: '2000',
    input_size_bytes: '5',
    output_size_bytes: '7',
    error: null,
    event_count: '3',
    last_event_id: events[2]!.id,
  })
})

test.each([
  ['running', started],
  ['failed', failed],
  ['cancelled', { type: 'run.cancelled', durationMs: 1 } as const],
])('a run may be %s', async (status, body) => {
  const { runId } = await storeRun([started, body])
  expect(await runOf(runId)).toMatchObject({ status, error: status === 'failed' ? error : null })
})

test('the row is the same in whatever order, batches and repetitions its events come', async () => {
  const bodies = [started, stepStarted, stepSucceeded, failed, started, stepStarted, stepSucceeded, succeeded]
  const rowOf = async (order: readonly number[], batchSize: number) => {
    const events = eventsOf(bodies, { runId: newRunId() })
    for (let at = 0; at < order.length; at += batchSize) await project.store(order.slice(at, at + batchSize).map((index) => events[index]!))
    const row = await runOf(events[0]!.runId)
    const indexOf = (id: unknown) => events.findIndex((event) => event.id === id)
    return { ...row, run_id: '', updated_at: '', state_event_id: indexOf(row?.['state_event_id']), last_event_id: indexOf(row?.['last_event_id']) }
  }
  const inOrder = await rowOf([...bodies.keys()], 100)
  expect(inOrder).toMatchObject({ status: 'succeeded', event_count: '8', state_event_id: 7, last_event_id: 7, error: null })
  const shuffledWithRepeats = fc
    .array(fc.nat(bodies.length - 1), { maxLength: 8 })
    .chain((repeats) => fc.shuffledSubarray([...bodies.keys(), ...repeats], { minLength: bodies.length + repeats.length }))
  await fc.assert(
    fc.asyncProperty(shuffledWithRepeats, fc.integer({ min: 1, max: 16 }), async (order, batchSize) => {
      expect(await rowOf(order, batchSize)).toEqual(inOrder)
    }),
    { numRuns: 40, seed: 4 },
  )
})

test('a batch that holds the same event twice stores it once', async () => {
  const events = eventsOf([started, succeeded])
  await project.store([...events, ...events])
  expect(await runOf(events[0]!.runId)).toMatchObject({ event_count: '2' })
})

test('a run whose first event is late is running until it is told otherwise', async () => {
  const [first, second, last] = eventsOf([started, stepStarted, succeeded])
  await project.store([second!])
  expect(await runOf(first!.runId)).toMatchObject({ status: 'running', kind: null, started_at: new Date(second!.at) })
  await project.store([last!])
  await project.store([first!])
  expect(await runOf(first!.runId)).toMatchObject({ status: 'succeeded', kind: 'track', started_at: new Date(first!.at) })
})

test('a resumed run runs again, and what came late from before does not end it', async () => {
  const [first, crash, again] = eventsOf([started, failed, started])
  await project.store([first!, again!])
  await project.store([crash!])
  expect(await runOf(first!.runId)).toMatchObject({ status: 'running', ended_at: null, error: null, duration_ms: null })
})

test('two tenants may use the same run id', async () => {
  const runId = newRunId()
  await storeRun([started, succeeded], { runId, tenantId: 'one' })
  await storeRun([started, failed], { runId, tenantId: 'two' })
  expect(await project.sql('select tenant_id, status, event_count from track_runs where run_id = $1 order by tenant_id', [runId])).toEqual([
    { tenant_id: 'one', status: 'succeeded', event_count: '2' },
    { tenant_id: 'two', status: 'failed', event_count: '2' },
  ])
})

test('batches with the same runs in different orders, at once, neither block each other nor lose count', async () => {
  const runs = Array.from({ length: 20 }, () => eventsOf([started, ...Array.from({ length: 18 }, () => stepStarted), succeeded]))
  const batches = Array.from({ length: 20 }, (_, index) => (index % 2 ? runs.toReversed() : runs).map((events) => events[index]!))
  await Promise.all(batches.map((batch) => project.store(batch)))
  const ids = runs.map(([event]) => event!.runId)
  const rows = await project.sql('select status, event_count from track_runs where run_id = any($1)', [ids])
  expect(rows).toEqual(ids.map(() => ({ status: 'succeeded', event_count: '20' })))
})

test('every kind of event is stored as it was written, and read back in its order', async () => {
  const events = exampleEvents(newRunId())
  await project.store(events.toReversed())
  const { data } = await project.client().from('track_run_events').select().eq('run_id', events[0]!.runId).order('id')
  const rows = data!.map((row) => ({ ...row, at: new Date(row.at as string).toISOString(), received_at: null }))
  const expected = events.map((event) => toEventRow(event))
  expect(rows.map(withoutNulls)).toEqual(expected.map((row) => ({ data: {}, ...row })))
})

test('a step shows where it stands after its retries', async () => {
  const other = { ...step, path: 'Track/other', step: 'other' }
  const { runId } = await storeRun([
    started,
    { ...stepStarted, itemCount: 3, inputSizeBytes: 4 },
    { type: 'step.progress', fraction: 0.25, ...step },
    { type: 'step.retrying', attempt: 1, delayMs: 10, error, ...step },
    { type: 'step.progress', fraction: 0.75, ...step },
    { ...stepSucceeded, attempt: 2, outputSizeBytes: 9 },
    { type: 'step.started', ...other },
    { type: 'step.failed', attempt: 1, durationMs: 3, error, handled: true, ...other },
    { type: 'step.skipped', ...other, path: 'Track/third', step: 'third' },
  ])
  const { data } = await project.client().from('track_run_steps').select().eq('run_id', runId)
  expect(data).toMatchObject([
    { path: 'Track/step', status: 'succeeded', attempt: 2, duration_ms: 10, input_size_bytes: 4, output_size_bytes: 9, item_count: 3, progress: 0.75, error: null, handled: false, started_at: '2026-01-02T03:04:06+00:00', ended_at: '2026-01-02T03:04:10+00:00' },
    { path: 'Track/other', status: 'failed', error, handled: true },
    { path: 'Track/third', status: 'skipped', attempt: null },
  ])
})

test('a step whose data are odd is shown all the same', async () => {
  const odd = (body: object) => ({ ...step, ...body }) as unknown as RunEventBody
  const { runId } = await storeRun([
    odd({ type: 'step.started', itemCount: 'many' }),
    odd({ type: 'step.progress', fraction: Number.NaN }),
    odd({ type: 'step.failed', handled: 'perhaps', durationMs: 1, error: 'text' }),
  ])
  const { data } = await project.client().from('track_run_steps').select().eq('run_id', runId)
  expect(data).toMatchObject([{ status: 'failed', item_count: null, progress: null, handled: false, error: 'text' }])
})

test('runs are listed newest first', async () => {
  const ids = await Promise.all([0, 2, 1].map(async (hours) => (await storeRun([started], { projectId: 'newest', at: 1_760_000_000_000 + hours * 3_600_000 })).runId))
  const { data } = await project.client().from('track_runs_newest').select('run_id').eq('tenant_id', 'a').eq('project_id', 'newest')
  expect(data!.map(({ run_id }) => run_id as string)).toEqual([ids[1], ids[2], ids[0]])
})

test('an event that breaks a rule of the table fails its batch as a whole', async () => {
  const events = eventsOf([started, succeeded])
  const rows = events.map(toEventRow)
  const { error: refused, status } = await project.client().from('track_run_events').insert([rows[0]!, { ...rows[1], level: 'loud' }], { defaultToNull: false })
  expect([status, refused?.code]).toEqual([400, '23514'])
  expect(await runOf(events[0]!.runId)).toBeUndefined()
})

const withoutNulls = (row: object): Partial<RunEvent> => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
