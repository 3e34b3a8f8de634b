import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEvent, RunEventBody } from '@track-orchestrator/core'
import { exampleEvents } from '@track-orchestrator/core/testing'
import { startSupabaseLocal } from '@track-orchestrator/supabase-local'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOf, eventsOf, newRunId, startHistoryProject, type HistoryProject } from '../testing/history-project.ts'
import { createRunReader, type RunReader } from './run-reader.ts'
import type { RunChanges } from './run-changes.ts'

let project: HistoryProject
let reader: RunReader
beforeAll(async () => {
  project = await startHistoryProject()
  reader = createRunReader(project.tenant('a'))
})
afterAll(() => project.stop())

const step = { track: 'Track', path: 'Track/step', step: 'step', taskName: 'task', nested: false }
const started = { type: 'run.started', kind: 'track' } as const
const stepStarted = { type: 'step.started', ...step } as const
const succeeded = { type: 'run.succeeded', durationMs: 1 } as const
const error = { name: 'TracksError', code: 'task_failed', message: 'broken', retryable: true } as const
const ids = (events: readonly { id: string }[]) => events.map(({ id }) => id)
const all = async <T>(items: AsyncIterable<T>) => {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('listRuns', () => {
  const hour = 3_600_000
  const noon = Date.parse('2026-03-04T12:00:00Z')
  beforeAll(async () => {
    const run = (runId: string, hours: number, end: RunEventBody, facts: { projectId?: string; tenantId?: string; runName?: string } = {}) =>
      project.store(eventsOf([started, end], { runId, at: noon + hours * hour, projectId: 'listed', ...facts }))
    await run('r1', 0, succeeded)
    await run('r2', 1, { type: 'run.failed', durationMs: 1, error })
    await run('r3', 2, succeeded, { runName: 'Other' })
    await run('r4', 3, started)
    await run('elsewhere', 4, succeeded, { projectId: 'another' })
    await run('foreign', 5, succeeded, { tenantId: 'b' })
  })
  const list = async (query: object) => (await reader.listRuns({ tenantId: 'a', projectId: 'listed', ...query })).runs.map(({ runId }) => runId)

  test('gives the runs of a project, newest first', async () => {
    const { runs, next } = await reader.listRuns({ tenantId: 'a', projectId: 'listed' })
    expect(runs.map(({ runId }) => runId)).toEqual(['r4', 'r3', 'r2', 'r1'])
    expect(next).toBeUndefined()
    expect(runs[2]).toEqual({
      ...{ runId: 'r2', tenantId: 'a', projectId: 'listed', name: 'Track', kind: 'track', status: 'failed', error },
      ...{ startedAt: noon + hour, endedAt: noon + hour + 1000, durationMs: 1, eventCount: 2, lastEventAt: noon + hour + 1000 },
    })
  })

  test.each([
    ['one status', { status: 'failed' }, ['r2']],
    ['several statuses', { status: ['failed', 'running'] }, ['r4', 'r2']],
    ['a track', { name: 'Other' }, ['r3']],
    ['a time, its end excluded', { startedFrom: noon + hour, startedBefore: noon + 2 * hour }, ['r2']],
  ])('may be narrowed to %s', async (_, query, expected) => {
    expect(await list(query)).toEqual(expected)
  })

  test('gives all projects of a tenant where none is named', async () => {
    expect((await reader.listRuns({ tenantId: 'a', startedFrom: noon, startedBefore: noon + 24 * hour })).runs.map(({ runId }) => runId)).toEqual(['elsewhere', 'r4', 'r3', 'r2', 'r1'])
  })

  test('gives nothing of another tenant, whatever is asked', async () => {
    expect(await reader.listRuns({ tenantId: 'b' })).toEqual({ runs: [] })
  })

  test('pages lose and repeat nothing, not even among runs of one moment, with any id, while new ones start', async () => {
    const moment = noon - 24 * hour
    const runIds = ['a,b', 'a"b', 'a\\b', 'a)b', "a'b", 'ä 😀', 'a.b', 'x1', 'x2', 'x3', 'x4']
    for (const runId of runIds) await project.store(eventsOf([started], { runId, projectId: 'paged', at: moment }))
    const found: string[] = []
    let after: string | undefined
    do {
      const page = await reader.listRuns({ tenantId: 'a', projectId: 'paged', limit: 2, ...(after && { after }) })
      found.push(...page.runs.map(({ runId }) => runId))
      after = page.next
      await project.store(eventsOf([started], { projectId: 'paged', at: moment + found.length * hour }))
    } while (after)
    expect(found.toSorted()).toEqual(runIds.toSorted())
  })

  test('a page holds as many as asked for, though an answer holds fewer', async () => {
    for (let at = 0; at < 3; at++) await project.store(Array.from({ length: 50 }, () => eventsOf([started], { projectId: 'long', at: noon + at })).flat())
    const first = await reader.listRuns({ tenantId: 'a', projectId: 'long', limit: 120 })
    const rest = await reader.listRuns({ tenantId: 'a', projectId: 'long', limit: 120, after: first.next })
    expect([first.runs.length, rest.runs.length, rest.next]).toEqual([120, 30, undefined])
    expect(new Set([...first.runs, ...rest.runs].map(({ runId }) => runId)).size).toBe(150)
  })

  test.each([
    ['limit', { limit: 0 }],
    ['limit', { limit: 501 }],
    ['limit', { limit: 1.5 }],
    ['after', { after: 'nonsense' }],
    ['after', { after: Buffer.from('["2026-01-01),or(x", 3]').toString('base64url') }],
  ])('refuses a %s that is none: %o', async (field, query) => {
    await expect(reader.listRuns({ tenantId: 'a', ...query })).rejects.toMatchObject({ name: 'ContractError', issues: [{ path: [field] }] })
  })
})

describe('readRun', () => {
  test('gives a run with its steps, where they stand', async () => {
    const runId = newRunId()
    const [first, , , , , , , ...rest] = exampleEvents(runId)
    await project.store([first!, ...rest].map((event) => ({ ...event, tenantId: 'a' })))
    expect(await reader.readRun({ tenantId: 'a', runId })).toMatchObject({
      ...{ runId, status: 'succeeded', durationMs: 25, outputSizeBytes: 2 },
      steps: [{ ...step, status: 'failed', handled: true, attempt: 3, durationMs: 5, error }],
    })
  })

  test('gives every step of a run that has more of them than an answer holds', async () => {
    const runId = newRunId()
    const steps = Array.from({ length: 2100 }, (_, index) => ({ ...stepStarted, path: `Track/${index}:step` }))
    await project.store(eventsOf([...steps, succeeded], { runId }))
    const run = await reader.readRun({ tenantId: 'a', runId })
    expect(run?.steps.map(({ path }) => path)).toEqual(steps.map(({ path }) => path))
    expect(await all(reader.readEvents({ tenantId: 'a', runId }))).toHaveLength(2101)
    expect(await all(reader.followRun({ tenantId: 'a', runId }, { intervalMs: 20, lingerMs: 50 }))).toHaveLength(2101)
  })

  test.each([
    ['that does not exist', { tenantId: 'a', runId: 'nowhere' }],
    ['of another tenant', { tenantId: 'b', runId: 'foreign' }],
  ])('gives nothing for a run %s', async (_, key) => {
    expect(await reader.readRun(key)).toBeUndefined()
    expect(await all(reader.readEvents(key))).toEqual([])
  })

  test('events come back as they were written', async () => {
    const runId = newRunId()
    const plain = (event: RunEvent) => ({ ...event, ...('message' in event && { message: 'odd' }), ...('note' in event && { note: 'half' }) })
    const events = exampleEvents(runId).map((event) => ({ ...plain(event), tenantId: 'a' }))
    await project.store(events)
    expect(await all(reader.readEvents({ tenantId: 'a', runId }))).toEqual(events)
  })
})

describe('followRun', () => {
  const quick = { intervalMs: 20, lingerMs: 200 }

  test('gives what is there and what comes, once and in order, until the run has ended', async () => {
    const runId = newRunId()
    const events = eventsOf([started, stepStarted, stepStarted, stepStarted, succeeded], { runId })
    const following = all(reader.followRun({ tenantId: 'a', runId }, quick))
    for (const event of events) {
      await project.store([event])
      await sleep(30)
    }
    expect(ids(await following)).toEqual(ids(events))
  })

  test('misses nothing that arrives late, even from before what was seen, even after the end', async () => {
    const runId = newRunId()
    const [first, late, end, later] = eventsOf([started, stepStarted, succeeded, stepStarted], { runId })
    await project.store([first!, end!])
    const seen: RunEvent[] = []
    for await (const event of reader.followRun({ tenantId: 'a', runId }, quick)) {
      seen.push(event)
      if (event.id === end!.id) await project.store([late!])
      if (event.id === late!.id) await project.store([later!])
    }
    expect(ids(seen)).toEqual(ids([first!, end!, late!, later!]))
  })

  test('asks for nothing but the one row while nothing is new', async () => {
    const runId = newRunId()
    await project.store(eventsOf([started], { runId }))
    const asked: string[] = []
    const counting = clientOf(project, project.serviceRoleKey, (input, init) => {
      asked.push(new URL(input instanceof Request ? input.url : input).pathname)
      return fetch(input, init)
    })
    const stop = new AbortController()
    const following = all(createRunReader(counting).followRun({ tenantId: 'a', runId }, { ...quick, signal: stop.signal }))
    await expect.poll(() => asked.filter((path) => path.endsWith('track_runs')).length).toBeGreaterThan(3)
    stop.abort()
    await following
    expect(asked.filter((path) => path.endsWith('track_run_events'))).toHaveLength(1)
  })

  test('waits for a run that has not begun, and ends without an error when told to', async () => {
    const stop = new AbortController()
    const following = all(reader.followRun({ tenantId: 'a', runId: newRunId() }, { ...quick, signal: stop.signal }))
    await sleep(50)
    stop.abort()
    expect(await following).toEqual([])
  })

  test('looks at once when a change is announced, and gives up its subscription at the end', async () => {
    const runId = newRunId()
    const listeners = new Set<() => void>()
    const changes: RunChanges = {
      subscribe: (_run, onChange) => {
        listeners.add(onChange)
        return () => void listeners.delete(onChange)
      },
    }
    const announced = createRunReader(project.tenant('a'), { changes })
    const following = all(announced.followRun({ tenantId: 'a', runId }, { intervalMs: 600_000, lingerMs: 100 }))
    await sleep(50)
    const events = eventsOf([started, succeeded], { runId })
    for (const event of events) {
      await project.store([event])
      for (const announce of listeners) announce()
      await sleep(50)
    }
    expect(ids(await following)).toEqual(ids(events))
    expect(listeners.size).toBe(0)
  })

  test('goes on after the database was away', async () => {
    const runId = newRunId()
    const [first, second, end] = eventsOf([started, stepStarted, succeeded], { runId })
    await project.store([first!])
    const following = all(reader.followRun({ tenantId: 'a', runId }, quick))
    await sleep(50)
    await project.stopDatabase()
    await sleep(200)
    await project.startDatabase()
    await project.store([second!, end!])
    expect(ids(await following)).toEqual(ids([first!, second!, end!]))
  })

  test('throws where waiting cannot help', async () => {
    const expired = createRunReader(project.client(project.tokenFor({ role: 'authenticated', exp: 1 })))
    await expect(all(expired.followRun({ tenantId: 'a', runId: 'any' }, quick))).rejects.toMatchObject({ name: 'ProviderError', status: 401, retryable: false })
  })
})

test('without the migrations, the error says so', async () => {
  const bare = await startSupabaseLocal()
  try {
    await expect(createRunReader(clientOf(bare)).listRuns({ tenantId: 'a' })).rejects.toThrow(/apply its migrations \(supabase\/migrations\)/)
  } finally {
    await bare.stop()
  }
})

test('while Supabase cannot be reached, the error may be retried', async () => {
  const nowhere = createRunReader(clientOf({ ...project, url: 'http://127.0.0.1:9' }))
  await expect(nowhere.listRuns({ tenantId: 'a' })).rejects.toMatchObject({ name: 'ProviderError', status: undefined, retryable: true })
})
