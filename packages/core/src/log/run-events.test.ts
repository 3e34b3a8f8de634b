import { defineRegistry, defineTask, type TaskContext } from '@track-orchestrator/registry'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { createRunner } from '../in-process/create-runner.ts'
import type { RunEvent } from './run-event.ts'
import { RunEvents } from './run-events.ts'
import type { RunLog } from './run-log.ts'

const open = z.looseObject({})
const child = defineTask({ name: 'child', input: open, output: open })
const tasks = defineRegistry({
  child,
  work: defineTask({ name: 'work', input: open, output: open }),
  fail: defineTask({ name: 'fail', input: open, output: open, retry: { maxAttempts: 2, minDelayMs: 1 } }),
})

function recording(options: Partial<RunLog> = {}) {
  const events: RunEvent[] = []
  const log: RunLog = { write: (event) => void events.push(event), flush: () => Promise.resolve(), ...options }
  return { events, log }
}
function runnerWith(...logs: RunLog[]) {
  return createRunner({
    registry: tasks,
    logs,
    defaults: { tenantId: 't', projectId: 'p', userId: 'u' },
    handlers: {
      child: () => ({}),
      work: async (input, { log, progress, runTasks, metadata }) => {
        progress(0.5, 'half')
        log.info('calling https://host/x?X-Amz-Signature=abc', { apiKey: 'k-123', deep: { authorization: 'Bearer abcdefghijk' } })
        await runTasks([{ task: child, input: {} }])
        metadata['characters'] = 7
        return input
      },
      fail: () => Promise.reject(new Error('no: sk_live_0123456789abcdef')),
    },
  })
}
const types = (events: readonly RunEvent[]) => events.map(({ type }) => type)

test('a run tells its story in order', async () => {
  const { events, log } = recording()
  await runnerWith(log).runTrack({ name: 'Story', tasks: [{ taskName: 'work' }, { taskName: 'child', when: () => false }, { taskName: 'fail', onError: 'continue' }] }, { a: 1 })
  expect(types(events)).toEqual([
    ...['run.started', 'track.started', 'step.started', 'step.progress', 'log', 'step.started', 'step.succeeded', 'step.succeeded'],
    ...['step.skipped', 'step.started', 'step.retrying', 'step.failed', 'track.succeeded', 'run.succeeded'],
  ])
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1))
  expect(events.map(({ id }) => id).toSorted()).toEqual(events.map(({ id }) => id))
})

test('every event says whose run it is; those of steps say where', async () => {
  const { events, log } = recording()
  await runnerWith(log).runTrack({ name: 'Story', enableSupabaseLogging: true, tasks: [{ taskName: 'work' }] }, {}, { runId: 'r-1' })
  for (const event of events) expect(event).toMatchObject({ runId: 'r-1', runName: 'Story', tenantId: 't', projectId: 'p', userId: 'u', kept: true })
  expect(events.find(({ type }) => type === 'step.progress')).toMatchObject({ track: 'Story', step: 'work', path: 'Story/work', fraction: 0.5, note: 'half', nested: false })
  expect(events.filter(({ type }) => type === 'step.succeeded')).toMatchObject([
    { path: 'Story/work/0:child', taskName: 'child', nested: true },
    { path: 'Story/work', metadata: { characters: 7 }, attempt: 1 },
  ])
})

test('where only a track inside is kept, the beginning and the end of the run are kept with it', async () => {
  const { events, log } = recording()
  const track = (name: string, enableSupabaseLogging: boolean) => ({ name, enableSupabaseLogging, tasks: [{ taskName: 'child' }] })
  await runnerWith(log).runOrchestrator({ name: 'Both', tracks: [track('Kept', true), track('Other', false)] }, {})
  const kept = events.filter((event) => event.kept)
  expect(kept.map((event) => ('track' in event ? `${event.track} ${event.type}` : event.type))).toEqual(['run.started', 'Kept track.started', 'Kept step.started', 'Kept step.succeeded', 'Kept track.succeeded', 'run.succeeded'])
  expect(events.some((event) => 'track' in event && event.track === 'Other')).toBe(true)
})

test('a track that is kept keeps the tracks that its steps are, those that repeat too', async () => {
  const { events, log } = recording()
  const inner = { name: 'Inner', tasks: [{ taskName: 'child' }] }
  const kept = { name: 'Kept', enableSupabaseLogging: true, tasks: [{ taskName: 'Inner', track: inner }, { taskName: 'Inner', id: 'times', track: inner, repeat: { until: () => true, maxTimes: 1 } }] }
  await runnerWith(log).runTrack({ name: 'Story', tasks: [{ taskName: 'Kept', track: kept }] }, {})
  expect(events.filter((event) => 'track' in event && event.track === 'Inner').map((event) => event.kept)).toEqual(Array.from({ length: 8 }, () => true))
})

test('payloads reach only the logs that ask for them', async () => {
  const lean = recording()
  const full = recording({ payloads: true })
  await runnerWith(lean.log, full.log).runTrack({ name: 'Story', tasks: [{ taskName: 'work' }] }, { secretly: 'here' })
  expect(JSON.stringify(lean.events)).not.toContain('here')
  expect(full.events.find(({ type }) => type === 'run.succeeded')).toMatchObject({ output: { secretly: 'here' } })
})

test('secrets and signed URLs reach no log, whether in messages, fields, errors or payloads', async () => {
  const { events, log } = recording({ payloads: true })
  const run = runnerWith(log).settleTrack({ name: 'Story', tasks: [{ taskName: 'work' }, { taskName: 'fail' }] }, { password: 'hunter22', url: 'https://u:p4ssw0rd@host/?sig=xyzzy' })
  const result = await run
  const everything = JSON.stringify(events) + JSON.stringify(result) + (result as { error: Error }).error.message
  for (const secret of ['X-Amz-Signature=abc', 'k-123', 'abcdefghijk', 'hunter22', 'p4ssw0rd', 'xyzzy', '0123456789abcdef']) expect(everything).not.toContain(secret)
})

test('what a handler logs beside a message is legible, and no knot of objects holds up the run', async () => {
  const { events, log } = recording()
  const knot: Record<string, unknown>[] = Array.from({ length: 30 }, (_, number) => ({ number }))
  for (const node of knot) Object.assign(node, Object.fromEntries(knot.map((other, index) => [`to${index}`, other])))
  const handlers = { child: (_input: object, context: TaskContext) => (context.log.error('x', { error: new Error('boom'), knot }), {}) }
  await createRunner({ registry: tasks, logs: [log], handlers }).runSingleTask('child', base)
  const told = events.find(({ type }) => type === 'log')
  expect(told).toMatchObject({ level: 'error', message: 'x', fields: { error: { name: 'Error', message: 'boom' } } })
  expect(JSON.stringify(told).length).toBeLessThan(1_000_000)
})

test('progress is told to no log that does not want it, and to the others', async () => {
  const without = recording({ progress: false })
  const other = recording()
  const track = { name: 'Story', tasks: [{ taskName: 'work', forEach: () => [{}, {}] }] }
  await runnerWith(without.log, other.log).runTrack(track, {})
  const isProgress = ({ type }: RunEvent) => type === 'step.progress'
  expect(without.events).toEqual(other.events.filter((event) => !isProgress(event)))
  expect(other.events.filter(isProgress)).toHaveLength(4) // half of each item, and each item of the step
  const alone = recording({ progress: false })
  await runnerWith(alone.log).runTrack(track, {})
  expect(types(alone.events)).toEqual(types(without.events))
})

test('sizes are taken where a log asks for them', async () => {
  const lean = recording()
  await runnerWith(lean.log).runTrack({ name: 'Story', tasks: [{ taskName: 'child' }] }, { a: 1 })
  expect(JSON.stringify(lean.events)).not.toContain('SizeBytes')
  const sized = recording({ sizes: true })
  await runnerWith(sized.log).runTrack({ name: 'Story', tasks: [{ taskName: 'child' }] }, { a: 1 })
  expect(sized.events).toMatchObject([{ inputSizeBytes: 7 }, {}, {}, { outputSizeBytes: 2 }, {}, { outputSizeBytes: 2 }])
})

const rejecting = (() => Promise.reject(new Error('full'))) as () => void
test.each<[string, Partial<RunLog>]>([
  ['throws', { write: () => { throw new Error('full') } }],
  ['rejects', { write: rejecting }],
  ['cannot be flushed', { flush: () => Promise.reject(new Error('full')) }],
])('a log that %s does not stop the run, and is told of once by the others', async (_how, trouble) => {
  const other = recording()
  expect(await runnerWith(recording(trouble).log, other.log).runTrack({ name: 'Story', tasks: [] }, { a: 1 })).toEqual({ a: 1 })
  expect(types(other.events)).toContain('run.succeeded')
  expect(other.events.filter((event) => event.type === 'log')).toMatchObject([{ level: 'warn', message: expect.stringMatching(/^A log failed.*full$/) as string }])
})

test('where no other log is left, the process is warned', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  await runnerWith(recording({ write: rejecting }).log).runTrack({ name: 'Story', tasks: [] }, {})
  await expect.poll(() => warnings.map(({ name, message }) => `${name} ${message}`)).toEqual([expect.stringMatching(/^TracksWarning A log failed.*full$/)])
  process.off('warning', onWarning)
})

const base = { tenantId: 't', projectId: 'p' }
/** A log whose flush never ends, and how it was asked. */
function endless(options: Partial<RunLog> = {}) {
  const asked: [number, string | undefined][] = []
  const flush: RunLog['flush'] = (deadlineMs, loss) => {
    asked.push([deadlineMs, loss])
    return new Promise(() => {})
  }
  return { asked, log: recording({ flush, ...options }).log }
}

test('a log that never flushes holds a run for flushMs in all, however often it is waited for', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    const { log, asked } = endless()
    const events = new RunEvents([log], { id: 'r', name: 'Story' }, base, { flushMs: 10, loss: 'machine' })
    const first = events.flush()
    await vi.advanceTimersByTimeAsync(10)
    expect(await first).toBe(false)
    const second = events.flush()
    await vi.advanceTimersByTimeAsync(0)
    expect(await second).toBe(false)
    expect(asked).toEqual([[10, 'machine'], [0, 'machine']])
  } finally {
    vi.useRealTimers()
  }
})

test('a log that is away is told to go on, and not waited for; the others are', async () => {
  const away = endless({ isAway: true })
  const present = recording()
  let isFlushed = false
  const events = new RunEvents([away.log, { ...present.log, flush: async () => void (isFlushed = true) }], { id: 'r', name: 'Story' }, base)
  expect(await events.flush()).toBe(false)
  expect(isFlushed).toBe(true)
  expect(away.asked).toEqual([[0, 'process']])
  expect(await new RunEvents([present.log], { id: 'r', name: 'Story' }, base).flush()).toBe(true)
})

test('a run in this process asks its logs to outlive the process, within 2 s or what its runner says', async () => {
  const asked: [number, string | undefined][] = []
  const { log } = recording({ flush: async (deadlineMs, loss) => void asked.push([deadlineMs, loss]) })
  const options = { registry: tasks, logs: [log], defaults: base, handlers: {} }
  await createRunner(options).runTrack({ name: 'Story', tasks: [] }, {})
  await createRunner({ ...options, flushMs: 50 }).runTrack({ name: 'Story', tasks: [] }, {})
  expect(asked).toEqual([[2_000, 'process'], [50, 'process']])
  expect(() => createRunner({ ...options, flushMs: -1 })).toThrow(/createRunner.*flushMs/)
})
