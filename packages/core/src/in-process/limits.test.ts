import { defineRegistry, defineTask, ProviderError, TerminalError } from '@track-orchestrator/registry'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { CompositeTrackDefinition, TrackDefinition } from '../definition/definition.ts'
import type { RunEvent } from '../log/run-event.ts'
import { failureOf } from '../testing/failure-of.ts'
import { createRunner } from './create-runner.ts'
import type { InProcessOptions } from './in-process-engine.ts'

const open = z.looseObject({})
const leaf = defineTask({ name: 'leaf', input: open, output: open })
const tasks = defineRegistry({
  leaf,
  parent: defineTask({ name: 'parent', input: open, output: open }),
  stubborn: defineTask({ name: 'stubborn', input: open, output: open, timeoutMs: 30, retry: { maxAttempts: 1 } }),
})
const each: TrackDefinition = { name: 'Each', tasks: [{ taskName: 'leaf', forEach: () => Array.from({ length: 12 }, () => ({})) }] }

/** Runs with handlers that count how many of them are at work at once. */
function counting(options: Partial<InProcessOptions<typeof tasks>> = {}) {
  const working = { now: 0, most: 0 }
  const events: RunEvent[] = []
  const runner = createRunner({
    registry: tasks,
    handlers: {
      leaf: async () => {
        working.most = Math.max(working.most, ++working.now)
        await delay(2)
        working.now--
        return {}
      },
      parent: async (_input, { runTasks }) => ({ children: await runTasks([1, 2, 3].map(() => ({ task: leaf, input: {} }))) }),
      stubborn: () => delay(60_000, {}, { ref: false }),
    },
    defaults: { tenantId: 't', projectId: 'p' },
    logs: [{ write: (event) => void events.push(event), flush: () => Promise.resolve() }],
    ...options,
  })
  return { runner, working, events }
}

test('without a limit, all items of a forEach run at once', async () => {
  const { runner, working } = counting()
  await runner.runTrack(each)
  expect(working.most).toBe(12)
})

test.each([{ concurrency: 3 }, { taskConcurrency: { leaf: 3 } }])('with %j, no more than three handlers run at once', async (options) => {
  const { runner, working } = counting(options)
  await Promise.all([runner.runTrack(each), runner.runTrack(each)])
  expect(working.most).toBe(3)
})

test('a task that waits for its own tasks holds no place: one place is enough for any depth', async () => {
  const { runner, working } = counting({ concurrency: 1 })
  await Promise.all([runner.runSingleTask('parent', {}), runner.runSingleTask('parent', {})])
  expect(working.most).toBe(1)
})

test('a second runTasks while the first goes on is refused, as it would be on Trigger.dev', async () => {
  const { runner } = counting({ handlers: { leaf: () => ({}), parent: async (_input, { runTasks }) => ({ both: await Promise.all([runTasks([{ task: leaf, input: {} }]), runTasks([{ task: leaf, input: {} }])]) }) } })
  expect(await failureOf(runner.runSingleTask('parent', {}))).toMatchObject({ code: 'engine_unsupported' })
})

test('an attempt that takes longer than timeoutMs fails as timed_out, though its handler goes on regardless', async () => {
  const { runner } = counting({ graceMs: 10 })
  expect(await failureOf(runner.runSingleTask('stubborn', {}))).toMatchObject({ code: 'timed_out', retryable: true })
})

test('a cancelled run does not wait for a handler that ignores its signal', async () => {
  const { runner } = counting({ graceMs: 10 })
  const track: TrackDefinition = { name: 'Stuck', tasks: [{ taskName: 'stubborn', timeoutMs: 60_000 }] }
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 20)
  expect(await failureOf(runner.runTrack(track, {}, { signal: controller.signal }))).toMatchObject({ code: 'cancelled' })
  const graph = { name: 'Graph', tracks: [track] }
  expect(await runner.settleOrchestrator(graph, {}, { signal: AbortSignal.timeout(20) })).toMatchObject({ status: 'cancelled' })
})

test('told to stop during its last step, which answers nevertheless, a run is cancelled, be it a track, an orchestrator or a task', async () => {
  const track: TrackDefinition = { name: 'Last', tasks: [{ taskName: 'leaf' }] }
  for (const how of ['track', 'orchestrator', 'task']) {
    const controller = new AbortController()
    const { runner } = counting({ handlers: { leaf: () => (controller.abort(), {}) } })
    const context = { signal: controller.signal }
    const settled = how === 'track' ? runner.settleTrack(track, {}, context) : how === 'task' ? runner.settleSingleTask('leaf', {}, context) : runner.settleOrchestrator({ name: 'All', tracks: [track] }, {}, context)
    expect([how, await settled]).toMatchObject([how, { status: 'cancelled', error: { code: 'cancelled' } }])
  }
})

test('a run that is cancelled by the choice of its last step, after which nothing is called, is cancelled', async () => {
  const controller = new AbortController()
  const track: TrackDefinition = { name: 'Last', tasks: [{ taskName: 'leaf' }, { taskName: 'leaf', id: 'never', when: () => (controller.abort(), false) }] }
  const { runner, events } = counting()
  expect(await runner.settleTrack(track, {}, { signal: controller.signal })).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
  expect(events.flatMap(({ type }) => (type.startsWith('track.') ? [type] : []))).toEqual(['track.started', 'track.cancelled'])
})

test('where sub-tracks go on two at a time and one fails, those that still waited are not even said to start', async () => {
  const { runner, events } = counting({ handlers: { leaf: async () => delay(5, {}), stubborn: () => Promise.reject(new TerminalError('no')) } })
  const subTracks = ['stubborn', 'leaf', 'leaf', 'leaf'].map((taskName, index) => ({ name: `Sub${index}`, tasks: [{ taskName }] }))
  const composite: CompositeTrackDefinition = { name: 'Both', type: 'composite', tasks: [], concurrency: 2, subTracks }
  expect(await failureOf(runner.runTrack(composite))).toMatchObject({ message: 'no', place: { track: 'Sub0' } })
  expect(events.flatMap((event) => (event.type === 'track.started' ? [event.track] : []))).toEqual(['Both', 'Sub0', 'Sub1'])
})

test('a copy of what a handler is given holds its signal, with a time limit and without', async () => {
  const copies: object[] = []
  const { runner } = counting({ handlers: { stubborn: (_input, context) => (copies.push({ ...context }), {}), leaf: (_input, context) => (copies.push({ ...context }), {}) } })
  await runner.runTrack({ name: 'Copied', tasks: [{ taskName: 'stubborn' }, { taskName: 'leaf' }] })
  expect(copies).toEqual([expect.objectContaining({ signal: expect.any(AbortSignal) }), expect.objectContaining({ signal: expect.any(AbortSignal) })])
})

test('a task without a handler says so, at once', async () => {
  const { runner, events } = counting({ handlers: {} })
  expect(await failureOf(runner.runSingleTask('leaf', {}))).toMatchObject({ code: 'handler_missing' })
  expect(events.map(({ type }) => type)).not.toContain('step.retrying')
})

test('the wait before the next attempt grows, is half chance, and is never shorter than the provider asked', async () => {
  const failing = (retryAfterMs?: number) => () => Promise.reject(new ProviderError('busy', { provider: 'P', status: 429, retryAfterMs }))
  const waits = async (retryAfterMs: number | undefined, random: number) => {
    const { runner, events } = counting({ handlers: { leaf: failing(retryAfterMs) }, retry: { maxAttempts: 4, minDelayMs: 4, factor: 2, maxDelayMs: 10 }, random: () => random })
    await failureOf(runner.runSingleTask('leaf', {}))
    return events.flatMap((event) => (event.type === 'step.retrying' ? [event.delayMs] : []))
  }
  expect(await waits(undefined, 1)).toEqual([4, 8, 10])
  expect(await waits(undefined, 0)).toEqual([2, 4, 5])
  expect(await waits(9, 0)).toEqual([9, 9, 9])
})
