import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import { createTale, taleOutput, type Tale } from '../testing/journaled-tale.ts'
import { createJournal, createRunner } from './index.ts'

const base = { tenantId: 'acme', projectId: 'p1' }
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plan-and-fork-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const line = z.object({ n: z.number(), lines: z.array(z.object({ text: z.string() })).default([]) })

/** A chain of steps that each add one and hand on, and can be given other mappers, versions and failures. */
function chain({ steps = ['one', 'two', 'three'], version, failing, mappers = {}, name = 'Chain' }: { steps?: readonly string[]; version?: string; failing?: string; mappers?: Record<string, TrackTaskDefinition['inputMapper']>; name?: string } = {}) {
  const done: string[] = []
  const tasks = defineRegistry({ add: defineTask({ name: 'add', input: line.extend({ step: z.string() }), output: line, retry: { maxAttempts: 1 }, ...(version && { version }) }) })
  const add = (id: string): TrackTaskDefinition => ({ taskName: 'add', id, inputMapper: (prev: object, ...rest: [any, any]) => ({ ...(mappers[id]?.(prev, ...rest) ?? prev), step: id, trampData: undefined, tenantId: undefined, projectId: undefined }) })
  const track: TrackDefinition = { name, tasks: steps.map(add) }
  const journal = createJournal({ folder })
  const runner = createRunner({
    registry: tasks,
    journal,
    tracks: [track],
    handlers: {
      add: ({ n, step, lines }) => {
        if (step === failing) throw new TerminalError(`${step} is broken`)
        done.push(step)
        return { n: n + 1, lines }
      },
    },
  })
  return { runner, journal, track, done }
}

const planOf = (steps: readonly { path: string; action: string; why?: { reason: string } }[]) => Object.fromEntries(steps.map(({ path, action, why }) => [path.replace('Chain/', ''), why ? why.reason : action]))

test('a plan says of every step whether it is reused or run, and why: failed, behind what is run, new', async () => {
  const broken = chain({ failing: 'two' })
  await broken.runner.settleTrack(broken.track, { ...base, n: 0 }, { runId: 'r1' })
  const { runner, done } = chain({ steps: ['one', 'two', 'three', 'four'] })
  const before = await readFile(join(folder, 'runs/r1/journal.jsonl'))
  const plan = await runner.plan('r1')
  expect(plan).toMatchObject({ kind: 'track', name: 'Chain', runId: 'r1' })
  expect(planOf(plan.steps)).toEqual({ one: 'reuse', two: 'failed', three: 'new', four: 'new' })
  expect(done).toEqual([])
  expect((await readFile(join(folder, 'runs/r1/journal.jsonl'))).equals(before)).toBe(true)
  expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded', output: { n: 4 } })
  expect(done).toEqual(['two', 'three', 'four'])
})

test('where an input changed, the plan names the place and both values, shortened, and blots secrets; what comes after is behind it', async () => {
  const first = chain({ failing: 'three' })
  await first.runner.settleTrack(first.track, { ...base, n: 0, lines: [{ text: 'old' }, { text: 'same' }] }, { runId: 'r1' })
  const changed = chain({ mappers: { one: (prev) => ({ n: prev.n, lines: [{ text: 'https://files.example/a?X-Amz-Signature=aaaa1234bbbb5678' }, prev.lines[1], { text: 'x'.repeat(500) }] }) } })
  const { steps } = await changed.runner.plan('r1')
  expect(steps[0]).toMatchObject({ action: 'run', why: { reason: 'input_changed' } })
  const { changes } = (steps[0] as { why: { changes: readonly { path: string; before?: string; after?: string }[] } }).why
  expect(changes.map(({ path }) => path)).toEqual(['lines[0].text', 'lines[2]'])
  expect(changes[0]).toMatchObject({ before: '"old"', after: expect.not.stringContaining('aaaa') as string })
  expect(changes[1]!.before).toBeUndefined()
  expect(changes[1]!.after!.length).toBeLessThanOrEqual(60)
  expect(steps[1]).toMatchObject({ action: 'run', why: { reason: 'upstream', steps: ['Chain/one'] } })
  expect(await changed.runner.resume('r1')).toMatchObject({ status: 'succeeded' })
  expect(changed.done).toEqual(['one', 'two', 'three'])
  expect((await changed.journal.steps('r1'))[0]).toMatchObject({ path: 'Chain/one', begun: 2, why: { reason: 'input_changed', changes } })
})

test('a contract of another version, or a step that is forced, is run again; a mapper that throws is told', async () => {
  const first = chain({ version: '1', failing: 'three' })
  await first.runner.settleTrack(first.track, { ...base, n: 0 }, { runId: 'r1' })
  const second = chain({ version: '2' })
  expect((await second.runner.plan('r1')).steps[0]).toMatchObject({ why: { reason: 'version_changed', before: '1', after: '2' } })
  const same = chain({ version: '1' })
  expect(planOf((await same.runner.plan('r1', { force: ['two'] })).steps)).toEqual({ one: 'reuse', two: 'forced', three: 'failed' })
  await expect(same.runner.plan('r1', { force: ['tow'] })).rejects.toThrow('There is no step "tow". Did you mean "two"?')
  const { problem } = await chain({ version: '1', mappers: { two: () => { throw new Error('no such key') } } }).runner.plan('r1')
  expect(problem).toMatchObject({ code: 'mapper_failed' })
  expect(await same.runner.resume('r1', { force: ['two'] })).toMatchObject({ status: 'succeeded' })
  expect(same.done).toEqual(['two', 'three'])
  // A run that has succeeded can be forced too.
  const again = chain({ version: '1' })
  expect(await again.runner.resume('r1', { force: ['three'] })).toMatchObject({ status: 'succeeded' })
  expect(again.done).toEqual(['three'])
})

test('a plan for a definition that never ran finds every step new', async () => {
  const { runner, track } = chain()
  expect(planOf((await runner.plan(track)).steps)).toEqual({ one: 'new', two: 'new', three: 'new' })
  const { runner: teller, orchestrator } = createTale({ folder, done: () => {} })
  expect((await teller.plan(orchestrator)).steps.map(({ path }) => path)).toEqual(['Tale/Left/list', 'Tale/Left/double', 'Tale/Right/fan', 'Tale/final:sum'])
})

test('a finished place that is gone from the definition is a refusal that names it; told what it is called now, the run goes on', async () => {
  const first = chain({ failing: 'three' })
  await first.runner.settleTrack(first.track, { ...base, n: 0 }, { runId: 'r1' })
  const renamed = chain({ steps: ['one', 'second', 'three'], mappers: {} })
  for (const ask of [renamed.runner.resume, renamed.runner.plan]) await expect(ask('r1')).rejects.toMatchObject({ code: 'journal/place_vanished', message: expect.stringMatching(/Chain\/two finished in run r1.*--map two=<new name>/) as string })
  await expect(renamed.runner.resume('r1', { map: { tow: 'second' } })).rejects.toThrow('no finished place that is gone from the definition. Did you mean "two"?')
  await expect(renamed.runner.resume('r1', { map: { two: 'secnd' } })).rejects.toThrow('Did you mean "second"?')
  // The step's id is part of this task's input: at its new name it has another one, and the plan says so.
  expect((await renamed.runner.plan('r1', { map: { two: 'second' } })).steps[1]).toMatchObject({ path: 'Chain/second', why: { reason: 'input_changed', changes: [{ path: 'step', before: '"two"', after: '"second"' }] } })
  expect(await renamed.runner.resume('r1', { map: { two: null } })).toMatchObject({ status: 'succeeded' })
  expect(renamed.done).toEqual(['second', 'three'])
  // It is written down: nobody is asked again.
  expect(await renamed.runner.resume('r1')).toMatchObject({ status: 'succeeded' })
})

test('what maps a finished place is told so that it can be typed, also where its name has the sign between two names', async () => {
  const first = chain({ steps: ['one', "it's a=b", 'three'], failing: 'three' })
  await first.runner.settleTrack(first.track, { ...base, n: 0 }, { runId: 'r1' })
  await expect(chain().runner.plan('r1')).rejects.toThrow(String.raw`--map '{"it'\''s a=b":"<new name>"}' (map: { "it's a=b": '…' }). To let go of what it made: --map '{"it'\''s a=b":null}' (null)`)
})

test('what is called something else is reused where its input is what it was', async () => {
  const taskName = 'double'
  const tasks = defineRegistry({ double: defineTask({ name: taskName, input: z.object({ n: z.number() }), output: z.object({ n: z.number() }), retry: { maxAttempts: 1 } }) })
  let done = 0
  const runnerOf = (id: string, failing: boolean) => {
    const track: TrackDefinition = { name: 'Renamed', tasks: [{ taskName, id }, { taskName, id: 'last' }] }
    const double = ({ n }: { n: number }) => {
      if (failing && n === 2) throw new TerminalError('broken')
      done++
      return { n: 2 * n }
    }
    return { track, runner: createRunner({ registry: tasks, handlers: { double }, journal: createJournal({ folder }), tracks: [track] }) }
  }
  const first = runnerOf('old', true)
  await first.runner.settleTrack(first.track, { ...base, n: 1 }, { runId: 'r1' })
  const { runner } = runnerOf('new', false)
  expect((await runner.plan('r1', { map: { old: 'new' } })).steps[0]).toMatchObject({ path: 'Renamed/new', action: 'reuse' })
  expect(await runner.resume('r1', { map: { old: 'new' } })).toMatchObject({ status: 'succeeded', output: { n: 4 } })
  expect(done).toBe(2)
})

test('a fork takes over what comes before, does the rest anew with what was set, and leaves its parent as it was', async () => {
  const { runner, track, journal, done } = chain()
  await runner.runTrack(track, { ...base, n: 0, lines: [{ text: 'old' }] }, { runId: 'r1' })
  const before = await readFile(join(folder, 'runs/r1/journal.jsonl'))
  done.length = 0
  const set = { 'lines[0].text': 'new' }
  expect(planOf((await runner.plan('r1', { from: 'two', set })).steps)).toEqual({ one: 'reuse', two: 'new', three: 'new' })
  const fork = await runner.fork('r1', { from: 'two', set, runId: 'f1' })
  expect(fork).toMatchObject({ runId: 'f1', status: 'succeeded', output: { n: 3, lines: [{ text: 'new' }] } })
  expect(done).toEqual(['two', 'three'])
  expect((await readFile(join(folder, 'runs/r1/journal.jsonl'))).equals(before)).toBe(true)
  expect(await journal.list()).toMatchObject([{ runId: 'f1', forkOf: 'r1' }, { runId: 'r1' }])
  expect(await journal.diff('r1', 'f1')).toMatchObject([
    { path: 'Chain/two', input: [{ path: 'lines[0].text', before: '"old"', after: '"new"' }], output: [{ path: 'lines[0].text' }] },
    { path: 'Chain/three', input: [{ path: 'lines[0].text' }] },
  ])
  // The same from there, without anything set: all of it is done anew, and two forks share nothing.
  done.length = 0
  await runner.fork('r1', { from: 'two' })
  await runner.fork('f1', { from: 'three' })
  expect(done).toEqual(['two', 'three', 'three'])
})

test('a fork that failed is gone on with, with what was set', async () => {
  const { runner, track } = chain()
  await runner.runTrack(track, { ...base, n: 0 }, { runId: 'r1' })
  const broken = chain({ failing: 'three' })
  expect(await broken.runner.fork('r1', { from: 'two', set: { n: 10 }, runId: 'f1' })).toMatchObject({ status: 'failed' })
  const mended = chain()
  expect(await mended.runner.resume('f1')).toMatchObject({ status: 'succeeded', output: { n: 12 } })
  expect(mended.done).toEqual(['three'])
})

const tale = (options: Partial<Tale> = {}) => createTale({ folder, done: () => {}, ...options })

test('a fork from a track takes over the tracks beside it, big outputs too, also where the parent is deleted then', async () => {
  const first = tale({ padding: 50_000 })
  await first.runner.runOrchestrator(first.orchestrator, { ...base, size: 3 }, { runId: 'r1' })
  const done: string[] = []
  const { runner, journal } = tale({ padding: 50_000, done: (path) => done.push(path) })
  expect(await runner.fork('r1', { from: 'Left/double[1]', set: { value: 100 }, runId: 'f1' })).toMatchObject({ status: 'succeeded', output: { sum: taleOutput(3).sum - 4 + 200 } })
  expect(done).toEqual(['Tale/Left/double[1]', 'Tale/final:sum'])
  await journal.delete('r1')
  done.length = 0
  expect(await runner.resume('f1', { force: ['sum'] })).toMatchObject({ status: 'succeeded' })
  expect(done).toEqual(['Tale/final:sum'])
  expect(await runner.fork('f1', { from: 'double', set: { '[0].value': 7 }, runId: 'f2' })).toMatchObject({ status: 'succeeded', output: { sum: 14 + 200 + 6 + 60 } })
  expect(await runner.fork('f2', { set: { size: 2 } })).toMatchObject({ status: 'succeeded', output: { sum: 14 + 200 + 40 } })
  expect(await runner.fork('f2', { set: { size: 1 } })).toMatchObject({ status: 'succeeded' }) // what was set in item 1 before has lost its place
  const early = tale({ failing: new Set(['list']) })
  await early.runner.settleOrchestrator(early.orchestrator, { ...base, size: 3 }, { runId: 'r3' }) // has not come to any item
  expect(await runner.fork('r3', { from: 'Left/double[3]', set: { value: 100 } })).toMatchObject({ status: 'failed', error: { code: 'definition_invalid', message: expect.stringContaining('has 3 items, [0] to [2].') as string, place: { step: 'double' } } })
})

test('a plan stands in the order of the definition and of the items, and finds nothing wrong where it only cannot know', async () => {
  const broken = tale({ failing: new Set(['double']) })
  await broken.runner.settleOrchestrator(broken.orchestrator, { ...base, size: 11 }, { runId: 'r1' })
  const { steps, problem } = await tale().runner.plan('r1')
  expect(problem).toBeUndefined()
  expect(steps.map(({ path }) => path)).toEqual(['Tale/Left/list', ...Array.from({ length: 11 }, (_, index) => `Tale/Left/double[${index}]`), 'Tale/Right/fan', 'Tale/final:sum'])
})

test('a fork from, or with, what is not there is refused with the nearest name, and leaves no run', async () => {
  const { runner, track, journal } = chain()
  await runner.runTrack(track, { ...base, n: 0 }, { runId: 'r1' })
  await expect(runner.fork('r1', { from: 'tree' })).rejects.toThrow('There is no step "tree". Did you mean "three"?')
  await expect(runner.fork('r1', { from: 'two[1]' })).rejects.toThrow('has no items')
  await expect(runner.fork('r1', { set: { 'lines..text': 1 } })).rejects.toThrow('is no path')
  await expect(runner.fork('r1', { set: { 'lines[3].text': 1 } })).rejects.toThrow('leads nowhere')
  await expect(runner.fork('none', { from: 'two' })).rejects.toMatchObject({ code: 'journal/unknown_run' })
  expect(await journal.list()).toHaveLength(1)
  expect(await runner.fork('r1', { from: 'two', set: { n: 'many' } })).toMatchObject({ status: 'failed', error: { code: 'contract_violated', place: { step: 'two' } } })
})

test('an item that the run never had is refused, telling how many there were; one of a step that it has not come to is not', async () => {
  const tasks = defineRegistry({ each: defineTask({ name: 'each', input: z.object({ n: z.number() }), output: z.object({ n: z.number() }), retry: { maxAttempts: 1 } }) })
  const time: TrackDefinition = { name: 'Time', tasks: [{ taskName: 'each' }] }
  const item = (name: string): TrackDefinition => ({ name, tasks: [{ taskName: 'each', id: `in_${name}` }] })
  const track: TrackDefinition = {
    name: 'Items',
    tasks: [
      { taskName: 'each', id: 'fan', forEach: () => [{ n: 0 }, { n: 1 }] },
      { taskName: 'Rows', id: 'rows', track: item('Rows'), forEach: () => [{ n: 0 }] },
      { taskName: 'Time', id: 'times', track: time, inputMapper: () => ({ n: 5 }), repeat: { until: (_output, times) => times === 2, maxTimes: 4 } },
      { taskName: 'each', id: 'last', forEach: () => [{ n: -1 }] },
      { taskName: 'each', id: 'behind', forEach: () => [{ n: 1 }] },
    ],
  }
  const handlers = { each: ({ n }: { n: number }) => (n < 0 ? Promise.reject(new TerminalError('no')) : { n }) }
  const runner = createRunner({ registry: tasks, journal: createJournal({ folder }), tracks: [track], handlers })
  await runner.settleTrack(track, base, { runId: 'r1' })
  const attempts: [string, (said: string) => Promise<unknown>][] = [
    ['fork', (said) => runner.fork('r1', { from: said })],
    ['plan of a fork', (said) => runner.plan('r1', { from: said })],
    ['resume', (said) => runner.resume('r1', { force: [said] })],
  ]
  for (const [, attempt] of attempts) {
    await expect(attempt('fan[2]')).rejects.toThrow('Items/fan had 2 items, [0] to [1]: there is no fan[2].')
    await expect(attempt('rows[7]/in_Rows')).rejects.toThrow('Items/rows had one item, [0]: there is no rows[7].')
    await expect(attempt('times[3]')).rejects.toThrow('Items/times had 2 times, [0] to [1]: there is no times[3].')
    for (const said of ['fan[1]', 'rows[0]', 'times[2]', 'behind[9]']) await attempt(said)
  }
})
