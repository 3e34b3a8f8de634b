import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import type { Engine } from '../engine/engine.ts'
import { bindRunner } from '../run/runner.ts'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { testTrack } from '../testing/test-track.ts'
import { createInProcessEngine } from './in-process-engine.ts'
import { createJournal, createRunner } from './index.ts'

const base = { tenantId: 'acme', projectId: 'p1' }
const dayMs = 86_400_000
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waits-'))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], shouldAdvanceTime: true })
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true, force: true })
})

const track = (...wait: TrackTaskDefinition[]): TrackDefinition => ({ name: 'Month', tasks: [{ taskName: 'suite_add' }, ...wait, { taskName: 'suite_add', id: 'after' }] })
const month = track({ taskName: 'wait', waitMs: 30 * dayMs })

/** A runner in a process of its own, as far as it can tell. */
function newRunner(definition = month) {
  const done: number[] = []
  const handlers = { ...suiteHandlers, suite_add: ({ n }: { n: number }) => (done.push(n), { n: n + 1 }) }
  const journal = createJournal({ folder: join(folder, 'tracks') })
  return { runner: createRunner({ registry: suiteTasks, handlers, journal, tracks: [definition] }), done }
}

/** Resolves when the run waits. */
const waits = () => expect.poll(async () => (await createJournal({ folder: join(folder, 'tracks') }).read('r1')).records.some(({ path }) => path === 'Month/wait')).toBe(true)

/** Lets days pass, and everything that they bring about: files are read and written in real time. */
async function pass(days: number): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  await vi.advanceTimersByTimeAsync(days * dayMs)
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('a wait of 30 days, longer than a timer can count, ends when it should', async () => {
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers, concurrency: 1 })
  let ended = false
  const run = runner.runTrack(month, { ...base, n: 1 }).finally(() => (ended = true))
  await pass(29.9)
  expect(ended).toBe(false)
  // The only place is free meanwhile.
  expect(await runner.runSingleTask('suite_add', { ...base, n: 5 })).toEqual({ n: 6 })
  await pass(0.2)
  expect(await run).toEqual({ n: 3 })
})

test('a run that is resumed waits for what is left of its time, and one whose time is over does not wait', async () => {
  const { runner } = newRunner()
  const controller = new AbortController()
  const first = runner.settleTrack(month, { ...base, n: 1 }, { runId: 'r1', signal: controller.signal })
  await waits()
  await pass(10)
  controller.abort()
  expect(await first).toMatchObject({ status: 'cancelled' })

  const second = newRunner()
  let ended = false
  const resumed = second.runner.resume('r1').finally(() => (ended = true))
  await pass(19)
  expect([ended, second.done]).toEqual([false, []])
  await pass(1.1)
  expect(await resumed).toMatchObject({ status: 'succeeded', output: { n: 3 } })
  expect(second.done).toEqual([2])
})

test('a wait that was over when the process ended does not begin anew', async () => {
  const { runner } = newRunner()
  const controller = new AbortController()
  const first = runner.settleTrack(month, { ...base, n: 1 }, { runId: 'r1', signal: controller.signal })
  await waits()
  controller.abort()
  await first
  await pass(31)
  const started = Date.now()
  expect(await newRunner().runner.resume('r1')).toMatchObject({ status: 'succeeded' })
  expect(Date.now() - started).toBeLessThan(dayMs)
})

test('a wait is a step of the plan', async () => {
  expect((await newRunner().runner.plan(month)).steps.map(({ path, action }) => `${path} ${action}`)).toEqual(['Month/suite_add run', 'Month/wait run', 'Month/after run'])
})

test.each([
  ['a date', () => new Date('2030-01-01T00:00:00Z'), true],
  ['a text with its time zone', () => '2030-01-01T00:00:00+01:00', true],
  ['a number', () => 1e12, true],
  ['a text without one', () => '2030-01-01T00:00:00', false],
  ['a day', () => '2030-01-01', false],
  ['no moment', () => Number.NaN, false],
  ['an invalid date', () => new Date('x'), false],
  ['nothing', () => undefined, false],
  ['a promise', async () => new Date(), false],
])('waitUntil answers %s', async (_what, waitUntil, isMoment) => {
  vi.setSystemTime(new Date('2031-01-01T00:00:00Z'))
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers })
  const result = await runner.settleTrack(track({ taskName: '', waitUntil: waitUntil as () => Date }), { ...base, n: 1 })
  expect(result).toMatchObject(isMoment ? { status: 'succeeded' } : { status: 'failed', error: { code: 'mapper_failed', place: { step: 'wait' } } })
})

test('an engine that cannot wait says so', async () => {
  const own = createInProcessEngine({ handlers: suiteHandlers })
  const engine: Engine = { runTask: (call) => own.runTask(call), runTasks: (calls, options) => own.runTasks(calls, options), runTracks: (plan) => own.runTracks(plan) }
  const runner = bindRunner(() => ({ engine, registry: suiteTasks }), undefined)
  const result = await runner.settleTrack(month, { ...base, n: 1 })
  expect(result).toMatchObject({ status: 'failed', error: { code: 'engine_unsupported', place: { step: 'wait' } } })
})

test('what says how something is run does not stand beside a wait', () => {
  const check = (step: Partial<TrackTaskDefinition>) => createRunner({ registry: suiteTasks, handlers: suiteHandlers }).runTrack(track({ taskName: 'wait', waitMs: 5, ...step }), { ...base, n: 1 })
  return Promise.all([
    expect(check({ retry: { maxAttempts: 1 } })).rejects.toThrow('retry beside it says nothing'),
    expect(check({ forEach: 'items' })).rejects.toThrow('forEach beside it'),
    expect(check({ waitUntil: () => new Date() })).rejects.toThrow('waitMs and waitUntil'),
    expect(check({ taskName: 'suite_add' })).rejects.toThrow('names the task "suite_add"'),
    expect(check({ waitMs: -1 })).rejects.toThrow('waitMs'),
    expect(check({ waitMs: 40_000_000_000 })).rejects.toThrow('waitMs'),
  ])
})

test('a track under test waits for 30 days at once', async () => {
  vi.useRealTimers()
  const result = await testTrack({ registry: suiteTasks, track: month, handlers: suiteHandlers }).run({ n: 1 })
  expect(result).toMatchObject({ status: 'succeeded', output: { n: 3 } })
  expect(result.elapsedMs / dayMs).toBeCloseTo(30, 2)
})

test.each([
  ['a day that there is not', () => '2026-02-30T00:00:00Z', /not "2026-02-30T00:00:00Z"/],
  ['a year that ISO 8601 has no four digits for', () => new Date(Date.UTC(10_000, 0)), /of the years 0 to 9999, not \+010000-01-01/],
  ['a moment before the year 0', () => -8.64e15, /of the years 0 to 9999/],
])('a step does not wait until %s', async (_what, waitUntil, message) => {
  const definition = track({ taskName: 'wait', waitUntil })
  expect(await newRunner(definition).runner.settleTrack(definition, { ...base, n: 1 })).toMatchObject({ status: 'failed', error: { code: 'mapper_failed', message: expect.stringMatching(message) as string, place: { step: 'wait' } } })
})

test('a date of another realm is a date: of a test runner, say', async () => {
  const definition = track({ taskName: 'wait', waitUntil: () => runInNewContext('new Date(0)') as Date })
  expect(await newRunner(definition).runner.settleTrack(definition, { ...base, n: 1 })).toMatchObject({ status: 'succeeded' })
})
