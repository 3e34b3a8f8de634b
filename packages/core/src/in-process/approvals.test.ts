import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { describeEvent } from '../console/describe-event.ts'
import type { CompositeTrackDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import type { Engine } from '../engine/engine.ts'
import type { RunEvent } from '../log/run-event.ts'
import { toMermaid } from '../mermaid/to-mermaid.ts'
import { bindRunner } from '../run/runner.ts'
import { createAsking, dayMs } from '../testing/asking.ts'
import { failureOf } from '../testing/failure-of.ts'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { testTrack } from '../testing/test-track.ts'
import { createInProcessEngine } from './in-process-engine.ts'
import { createJournal, createRunner } from './index.ts'

const base = { tenantId: 'acme', projectId: 'p1', text: 'a' }
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'approvals-'))
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true, force: true })
})

/** A process of its own, as far as it can tell; what it did stands in `done`. */
function process(more?: Parameters<typeof createAsking>[2]) {
  const done: string[] = []
  return { ...createAsking(folder, (what) => done.push(what), more), done }
}

/** Resolves when the run asks. */
const asks = ({ journal }: ReturnType<typeof process>) => expect.poll(() => journal.questions('r1')).toHaveLength(1)

/** Begins the run in a process that ends while it asks. */
async function askAndEnd(more?: Parameters<typeof createAsking>[2]): Promise<void> {
  const first = process(more)
  const controller = new AbortController()
  const run = first.runner.settleTrack(first.track, base, { runId: 'r1', signal: controller.signal })
  await asks(first)
  controller.abort()
  expect(await run).toMatchObject({ status: 'cancelled' })
}

test('a process that is killed while it asks: another one shows the question, gives the answer, and goes on with it', async () => {
  const child = spawn('node', ['--conditions', '@track-orchestrator/source', '--import', 'tsx', fileURLToPath(new URL('../testing/asking-child.ts', import.meta.url)), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) if (line.includes('review waits for an answer until')) break
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  const { runner, journal, done } = process()
  expect(await journal.questions('r1')).toMatchObject([{ path: 'Asking/review', step: 'review', name: 'review', input: { text: 'a!' }, isAnswered: false }])
  await runner.answer('r1', 'review', { text: 'good' })
  expect(await journal.questions('r1')).toMatchObject([{ isAnswered: true }])
  expect(await failureOf(runner.answer('r1', 'Asking/review', { text: 'better' }))).toMatchObject({ code: 'approval/answered', message: expect.stringContaining('the first answer holds') as string })
  expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded', output: { published: 'good' } })
  expect(done).toEqual(['publish'])
  expect(await failureOf(runner.answer('r1', 'review', { text: 'late' }))).toMatchObject({ code: 'approval/answered' })
  expect(await journal.questions('r1')).toEqual([])
  expect((await readdir(join(folder, 'runs/r1/answers'))).filter((name) => name.startsWith('.'))).toEqual([])
})

test('a run that goes on in one process takes the answer that another one gives', async () => {
  const one = process()
  const run = one.runner.runTrack(one.track, base, { runId: 'r1' })
  await asks(one)
  const other = process()
  expect(await failureOf(other.runner.answer('r1', 'review', { txt: 'x' }))).toMatchObject({ code: 'contract_violated', message: expect.stringContaining('The answer to review does not fit its schema: text: ') as string, issues: [{ path: ['text'] }] })
  await other.runner.answer('r1', 'review', { text: 'from afar' })
  expect(await run).toEqual({ published: 'from afar' })
})

test('of ten who answer at once one is heard, and the others are told', async () => {
  await askAndEnd()
  const answers = await Promise.allSettled(Array.from({ length: 10 }, (_, number) => process().runner.answer('r1', 'review', { text: `answer ${number}` })))
  const [heard, ...more] = answers.flatMap(({ status }, number) => (status === 'fulfilled' ? [number] : []))
  expect(more).toEqual([])
  expect(answers.flatMap((answer) => (answer.status === 'rejected' ? [(answer.reason as { code: string }).code] : []))).toEqual(Array.from({ length: 9 }, () => 'approval/answered'))
  expect(await process().runner.resume('r1')).toMatchObject({ output: { published: `answer ${heard}` } })
})

test('30 days count from when it was asked for first, over processes; a run that failed for that asks anew when it is resumed', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
  await askAndEnd()
  vi.setSystemTime(Date.now() + 29 * dayMs)
  const second = process()
  const controller = new AbortController()
  const waiting = second.runner.resume('r1', { signal: controller.signal })
  await expect.poll(() => second.done).toHaveLength(1)
  controller.abort()
  expect(await waiting).toMatchObject({ status: 'cancelled' })
  vi.setSystemTime(Date.now() + 2 * dayMs)
  expect(await process().runner.resume('r1')).toMatchObject({ status: 'failed', error: { code: 'approval/timed_out', place: { step: 'review' } } })
  expect(await failureOf(process().runner.answer('r1', 'review', { text: 'late' }))).toMatchObject({ code: 'approval/timed_out' })
  const anew = process()
  const run = anew.runner.resume('r1')
  await asks(anew)
  expect((await anew.journal.questions('r1'))[0]!.until - Date.now()).toBeGreaterThan(29 * dayMs)
  await anew.runner.answer('r1', 'review', { text: 'at last' })
  expect(await run).toMatchObject({ status: 'succeeded', output: { published: 'at last' } })
})

test('what was shown has changed: it is asked for anew, and the earlier answer is for what it was given for', async () => {
  await askAndEnd()
  await process().runner.answer('r1', 'review', { text: 'for the first draft' })
  const second = process({ ending: '?' })
  const run = second.runner.resume('r1')
  await expect.poll(() => second.journal.questions('r1')).toMatchObject([{ input: { text: 'a!?' }, isAnswered: false }])
  await second.runner.answer('r1', 'review', { text: 'for the second' })
  expect(await run).toMatchObject({ output: { published: 'for the second' } })
})

test('a stored answer that the step no longer takes is told of, and asked for again', async () => {
  await askAndEnd()
  await process().runner.answer('r1', 'review', { text: 'x' })
  const [name] = await readdir(join(folder, 'runs/r1/answers'))
  await writeFile(join(folder, 'runs/r1/answers', name!), '{"answer":{"words":1}}')
  const second = process()
  const run = second.runner.resume('r1')
  await expect.poll(() => second.done.join()).toContain('is asked for again')
  await second.runner.answer('r1', 'review', { text: 'again' })
  expect(await run).toMatchObject({ output: { published: 'again' } })
})

test('what is not asked for is told with what is', async () => {
  await askAndEnd()
  const { runner } = process()
  expect(await failureOf(runner.answer('r1', 'publish', 1))).toMatchObject({ code: 'approval/not_asked', message: expect.stringContaining('It asks for Asking/review.') as string })
  expect(await failureOf(runner.answer('r2', 'review', 1))).toMatchObject({ code: 'journal/unknown_run' })
  expect(await failureOf(createAsking(undefined, () => {}).runner.answer('r1', 'review', 1))).toMatchObject({ code: 'approval/not_asked' })
})

test('an answer to a step that is gone from the definition is refused, and says what to do', async () => {
  await askAndEnd()
  const { journal, track, runner: complete } = process()
  const writing = defineRegistry({ write: defineTask({ name: 'write', input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }) })
  const runner = createRunner({ registry: writing, handlers: { write: ({ text }) => ({ text }) }, journal, tracks: [{ ...track, tasks: [{ taskName: 'write' }] }] })
  expect(await failureOf(runner.answer('r1', 'review', { text: 'x' }))).toMatchObject({ code: 'approval/not_asked', message: expect.stringMatching(/^Asking\/review asks, but the definition has no step there that asks any more.*resume the run: it asks for what the definition says now\.$/) as string })
  expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded' })
  expect(await journal.questions('r1')).toEqual([])
  for (const one of [runner, complete]) expect(await failureOf(one.answer('r1', 'review', { text: 'x' }))).toMatchObject({ code: 'approval/not_asked', message: expect.stringMatching(/^Asking\/review asks no more: run r1 has succeeded/) as string })
})

test('what a sub-track asked that lost a race is no question of the run any more', async () => {
  const journal = createJournal({ folder })
  const asking = { name: 'Asks', tasks: [{ taskName: 'review', approve: 'review', timeoutMs: dayMs }] }
  const race: CompositeTrackDefinition = { name: 'Race', type: 'composite', mode: 'race', tasks: [], subTracks: [{ name: 'Quick', tasks: [{ taskName: 'suite_add' }] }, asking] }
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers, journal })
  expect(await runner.settleTrack(race, { ...base, n: 1 }, { runId: 'r1' })).toMatchObject({ status: 'succeeded' })
  expect(await journal.questions('r1')).toEqual([])
})

test.each([
  ['failed', 'reveiw', 'It has failed, and asks for nothing until it is resumed. No step of that name asks. Did you mean "review"?'],
  ['failed', 'review', 'It has failed, and asks for nothing until it is resumed. It has not come to that step.'],
  ['succeeded', 'reveiw', 'It has succeeded, and asks for nothing any more.'],
])('a run that has %s, and is given an answer to %s, says how things stand', async (status, said, message) => {
  const steps: TrackTaskDefinition[] = [{ taskName: 'review', approve: 'review', timeoutMs: 1, onTimeout: { fallback: { ok: true } }, schema: z.object({ ok: z.boolean() }) }]
  const track = { name: 'T', tasks: status === 'failed' ? [{ taskName: 'suite_add' }, ...steps] : steps }
  const suite_add = () => Promise.reject(new TerminalError('it broke'))
  const runner = createRunner({ registry: suiteTasks, handlers: { ...suiteHandlers, suite_add }, journal: createJournal({ folder }), tracks: [track] })
  expect(await runner.settleTrack(track, { ...base, n: 1 }, { runId: 'r1' })).toMatchObject({ status })
  expect(await failureOf(runner.answer('r1', said, true))).toMatchObject({ code: 'approval/not_asked', message: `Run r1 does not ask for "${said}". ${message}` })
})

test('a track under test is given its answers, and a question without one is over at once', async () => {
  const { track } = createAsking(undefined, () => {})
  const handlers = { write: ({ text }: { text: string }) => ({ text }), publish: ({ text }: { text: string }) => ({ published: text }) }
  expect(await testTrack({ track, handlers, answers: { review: { text: 'yes' } } }).run({ text: 'a' })).toMatchObject({ status: 'succeeded', output: { published: 'yes' }, elapsedMs: 0 })
  expect(await testTrack({ track, handlers, answers: { review: {} } }).run({ text: 'a' })).toMatchObject({ status: 'failed', error: { code: 'contract_violated' } })
  const unanswered = await testTrack({ track, handlers }).run({ text: 'a' })
  expect(unanswered).toMatchObject({ status: 'failed', error: { code: 'approval/timed_out' } })
  expect(unanswered.elapsedMs / dayMs).toBeCloseTo(30, 2)
})

test('a plan has the question as a step, and a picture shows it', async () => {
  const { runner, track } = process()
  expect((await runner.plan(track)).steps.map(({ path, action }) => `${path} ${action}`)).toEqual(['Asking/write run', 'Asking/review run', 'Asking/publish run'])
  expect(toMermaid(track)).toContain('{{"review<br/>asks<br/>within 2592000000 ms, else fail"}}')
})

test('an engine that cannot ask says so', async () => {
  const own = createInProcessEngine({ handlers: suiteHandlers })
  const engine: Engine = { runTask: (call) => own.runTask(call), runTasks: (calls, options) => own.runTasks(calls, options), runTracks: (plan) => own.runTracks(plan) }
  const result = await bindRunner(() => ({ engine, registry: suiteTasks }), undefined).settleTrack({ name: 'T', tasks: [{ taskName: 'ask', approve: 'ask', timeoutMs: 1 }] }, base)
  expect(result).toMatchObject({ status: 'failed', error: { code: 'engine_unsupported', place: { step: 'ask' } } })
})

test('what cannot be asked is refused where it is written', () => {
  const check = (step: Partial<TrackTaskDefinition>) => createRunner({ registry: suiteTasks, handlers: suiteHandlers }).runTrack({ name: 'T', tasks: [{ taskName: '', approve: 'review', timeoutMs: 5, ...step }] }, base)
  return Promise.all([
    expect(check({ timeoutMs: undefined as never })).rejects.toThrow('timeoutMs'),
    expect(check({ timeoutMs: 40_000_000_000 })).rejects.toThrow('timeoutMs'),
    expect(check({ retry: { maxAttempts: 1 } })).rejects.toThrow('retry beside it says nothing'),
    expect(check({ waitMs: 5 })).rejects.toThrow('waitMs beside it'),
    expect(check({ taskName: 'suite_add' })).rejects.toThrow('names the task "suite_add"'),
    expect(check({ approve: 'a/b' })).rejects.toThrow('cannot be called'),
    expect(check({ onTimeout: { fallback: true } })).rejects.toThrow('yes or no'),
    expect(check({ onTimeout: { fallback: new Date() }, schema: createAsking(undefined, () => {}).track.tasks[1]!.schema! })).rejects.toThrow('onTimeout.fallback'),
    expect(check({ onTimeout: 'never' as never })).rejects.toThrow('onTimeout'),
    expect(check({ approve: undefined as never, taskName: 'suite_add', input: () => 1, timeoutMs: 5 })).rejects.toThrow('input says nothing without approve'),
  ])
})

test('an answer that nobody gave is told from one that somebody did: the step says that its time was over', async () => {
  const journal = createJournal({ folder: join(folder, 'other') })
  const question: unknown = { approve: 'review', schema: z.object({ ok: z.boolean() }), timeoutMs: 1, onTimeout: { fallback: { ok: false } } }
  const track = { name: 'Late', tasks: [question as TrackTaskDefinition] }
  const events: RunEvent[] = []
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers, journal, logs: [{ write: (event) => void events.push(event), flush: () => Promise.resolve() }] })
  expect(await runner.settleTrack(track, base, { runId: 'r1' })).toMatchObject({ status: 'succeeded' })
  expect(await journal.steps('r1')).toMatchObject([{ step: 'review', status: 'succeeded', metadata: { timedOut: true } }])
  expect(events.map((event) => describeEvent(event, 'info'))).toContainEqual(expect.stringMatching(/review: done in \d+ ms, without an answer$/))
})

test('what it means that nobody answered is what the definition says when the run goes on: another fallback, a skip, or that it is asked for anew', async () => {
  const journal = createJournal({ folder: join(folder, 'changed') })
  const open = { gate: false }
  const handlers = { ...suiteHandlers, suite_any: (input: { readonly value?: unknown }) => (open.gate ? input : Promise.reject(new TerminalError('shut'))) }
  const asking = (onTimeout: TrackTaskDefinition['onTimeout'], timeoutMs = 1) => {
    const question: unknown = { approve: 'review', schema: z.object({ ok: z.int() }), timeoutMs, onTimeout }
    const track: TrackDefinition = { name: 'Changed', tasks: [question as TrackTaskDefinition, { taskName: 'suite_any', inputMapper: (_prev, _original, { outputs }) => ({ value: outputs.review ?? 'nothing' }) }] }
    return { track, runner: createRunner({ registry: suiteTasks, tracks: [track], handlers, journal, retry: { maxAttempts: 1 } }) }
  }
  const first = asking('skip')
  for (const runId of ['r1', 'r2', 'r3']) expect(await first.runner.settleTrack(first.track, base, { runId })).toMatchObject({ status: 'failed', error: { message: 'shut' } })
  open.gate = true
  expect(await asking({ fallback: { ok: 1 } }).runner.resume('r1')).toMatchObject({ status: 'succeeded', output: { value: { ok: 1 } } })
  expect(await asking('skip').runner.resume('r2')).toMatchObject({ status: 'succeeded', output: { value: 'nothing' } })
  const { runner } = asking('fail', dayMs)
  expect((await runner.plan('r3')).steps).toMatchObject([{ step: 'review', action: 'run' }, { step: 'suite_any', action: 'run' }])
  const resumed = runner.resume('r3')
  await expect.poll(() => journal.questions('r3')).toHaveLength(1)
  await runner.answer('r3', 'review', { ok: 2 })
  expect(await resumed).toMatchObject({ status: 'succeeded', output: { value: { ok: 2 } } })
})
