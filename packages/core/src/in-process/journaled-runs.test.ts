import { appendFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { CompositeTrackDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { createTale, taleOutput, type Tale } from '../testing/journaled-tale.ts'
import type { RunEvent } from '../log/run-event.ts'
import { createJournal, createRunner } from './index.ts'

const base = { tenantId: 'acme', projectId: 'p1' }
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journaled-runs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const newTale = (options: Partial<Tale> = {}) => createTale({ folder: join(folder, 'tracks'), done: () => {}, ...options })
const journalFile = (runId: string) => join(folder, 'tracks/runs', runId, 'journal.jsonl')

test('a run is written down: every step with its input and its output, the events, and the end', async () => {
  const { runner, journal, orchestrator } = newTale()
  expect(await runner.runOrchestrator(orchestrator, { ...base, size: 3 }, { runId: 'r1' })).toEqual(taleOutput(3))
  const { records, payload, ...head } = await journal.read('r1')
  expect(payload).toEqual({ ...base, size: 3 })
  expect(head).toMatchObject({ runId: 'r1', kind: 'orchestrator', name: 'Tale', ...base, status: 'succeeded' })
  const ended = records.filter(({ type }) => type === 'call.succeeded').map(({ path }) => path)
  expect(new Set(ended).size).toBe(ended.length)
  expect(ended).toContain('Tale/Left/double[2]')
  expect(ended).toContain('Tale/Right/fan/1:double')
  expect(records.filter(({ type }) => type === 'event').length).toBeGreaterThan(10)
  expect(records.at(-1)).toMatchObject({ type: 'run.ended', status: 'succeeded', output: taleOutput(3) })
  expect((await stat(join(folder, 'tracks/runs/r1'))).mode & 0o777).toBe(0o700)
  expect((await stat(journalFile('r1'))).mode & 0o777).toBe(0o600)
})

test('a run that failed goes on from the step that failed, with what was mended', async () => {
  const broken = newTale({ failing: new Set(['sum']) })
  await expect(broken.runner.runOrchestrator(broken.orchestrator, { ...base, size: 2 }, { runId: 'r1' })).rejects.toMatchObject({ code: 'terminal', place: { step: 'sum' } })
  expect(await broken.journal.list()).toMatchObject([{ runId: 'r1', status: 'failed', error: { code: 'terminal' } }])
  const done: string[] = []
  const { runner, journal } = newTale({ done: (path) => done.push(path) })
  const wrote = (await journal.read('r1')).records.length
  expect(await runner.resume('r1')).toMatchObject({ runId: 'r1', status: 'succeeded', output: taleOutput(2) })
  expect(done).toEqual(['Tale/final:sum'])
  const told = (await journal.read('r1')).records.slice(wrote).flatMap(({ event }) => (event as RunEvent | undefined) ?? [])
  const finished = told.filter((event) => event.type === 'step.succeeded')
  expect(new Set(finished.filter(({ reused }) => !reused).map(({ path }) => path))).toEqual(new Set(['Tale/final:sum'])) // and of the others it is told that nothing ran
  expect(finished.filter(({ reused }) => reused).map(({ path }) => path)).toEqual(expect.arrayContaining(['Tale/Left/list', 'Tale/Left/double']))
  expect(await journal.list({ status: 'succeeded' })).toHaveLength(1)
})

test('going on with a wide run writes down what is new, not how far it was before: its journal does not grow with what is reused', async () => {
  const broken = newTale({ failing: new Set(['sum']) })
  await broken.runner.settleOrchestrator(broken.orchestrator, { ...base, size: 200 }, { runId: 'r1' })
  const before = (await stat(journalFile('r1'))).size
  await newTale({ failing: new Set(['sum']) }).runner.resume('r1')
  expect((await stat(journalFile('r1'))).size - before).toBeLessThan(before / 10)
})

test('where a big output cannot be kept, the run stops before the next step, whatever is said of failures, and can be gone on with', async () => {
  await mkdir(join(folder, 'tracks/runs/r1'), { recursive: true })
  await writeFile(join(folder, 'tracks/runs/r1/blobs'), 'in the way')
  const done: string[] = []
  const { runner, orchestrator } = newTale({ done: (path) => done.push(path), padding: 50_000 })
  expect(await runner.settleOrchestrator(orchestrator, { ...base, size: 2 }, { runId: 'r1' })).toMatchObject({ status: 'failed', error: { code: 'journal/write_failed' } })
  expect(done.toSorted()).toEqual(['Tale/Left/list', 'Tale/Right/fan/0:double'])
  await rm(join(folder, 'tracks/runs/r1/blobs'))
  expect(await newTale({ padding: 50_000 }).runner.resume('r1')).toMatchObject({ status: 'succeeded', output: taleOutput(2) })
})

test.runIf(process.platform === 'linux')('where the journal can have no folder, nothing is run, and that is said at once', async () => {
  const { runner, orchestrator } = createTale({ folder: '/proc/deeper', done: () => {} })
  await expect(runner.runOrchestrator(orchestrator, { ...base, size: 2 })).rejects.toMatchObject({ code: 'journal/write_failed', message: expect.stringContaining('/proc/deeper/runs/') as string })
})

test('a run that has succeeded is not run again: it answers its output', async () => {
  const { runner, orchestrator } = newTale()
  await runner.runOrchestrator(orchestrator, { ...base, size: 2 }, { runId: 'r1' })
  const before = await readFile(journalFile('r1'))
  const done: string[] = []
  expect(await newTale({ done: (path) => done.push(path) }).runner.resume('r1')).toMatchObject({ status: 'succeeded', output: taleOutput(2) })
  expect(done).toEqual([])
  expect((await readFile(journalFile('r1'))).equals(before)).toBe(true)
})

test('where a mapper was changed, exactly the steps run again whose input is another now', async () => {
  const broken = newTale({ failing: new Set(['sum']) })
  await broken.runner.settleOrchestrator(broken.orchestrator, { ...base, size: 3 }, { runId: 'r1' })
  const done: string[] = []
  const { runner } = newTale({ done: (path) => done.push(path), offset: 5 })
  expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded' })
  expect(done.toSorted()).toEqual(['Tale/Left/double[0]', 'Tale/Left/double[1]', 'Tale/Left/double[2]', 'Tale/final:sum'])
})

test('a step that is put before others leaves them as they are: it runs, and what its output changes', async () => {
  const journal = createJournal({ folder: join(folder, 'tracks') })
  const lines = join(folder, 'lines')
  const add = (id: string, by: number, from?: string): TrackTaskDefinition => ({
    taskName: 'suite_add', id, inputMapper: (prev: { n: number }, original: { n: number }, { outputs }: { outputs: Record<string, { n: number }> }) => ({ n: from === undefined ? (prev.n ?? original.n) : outputs[from]!.n, by, journal: lines }),
  })
  const fails: TrackTaskDefinition = { taskName: 'suite_fail', inputMapper: () => ({ how: 'terminal' }) }
  const runnerOf = (...tasks: TrackTaskDefinition[]) => {
    const beside: TrackDefinition = { name: 'one', tasks: [add('ten', 10)] }
    const track = { name: 'Growing', type: 'composite', tasks, subTracks: [beside, { name: 'other', tasks: [fails] }] } as CompositeTrackDefinition
    return { track, runner: createRunner({ registry: suiteTasks, handlers: suiteHandlers, journal, tracks: [track] }) }
  }
  const ran = async () => (await readFile(lines, 'utf8')).trim().split('\n')
  const first = runnerOf(add('one', 1), add('two', 2), add('three', 3, 'one'))
  expect(await first.runner.settleTrack(first.track, { ...base, n: 0 }, { runId: 'r1' })).toMatchObject({ status: 'failed' })
  expect(await ran()).toEqual(['add 0', 'add 1', 'add 1', 'add 4'])
  // `two` has another input now, `three` and the sub-track `one`, which follows on it, do not. The step `one` and the sub-track `one` are two things.
  const second = runnerOf(add('one', 1), add('half', 5), add('two', 2), add('three', 3, 'one'))
  expect(await second.runner.resume('r1')).toMatchObject({ status: 'failed' })
  expect(await ran()).toEqual(['add 0', 'add 1', 'add 1', 'add 4', 'add 1', 'add 6'])
})

test('big outputs lie beside the journal; one that is gone is made anew', async () => {
  const broken = newTale({ failing: new Set(['sum']), padding: 50_000 })
  await broken.runner.settleOrchestrator(broken.orchestrator, { ...base, size: 2 }, { runId: 'r1' })
  const blobs = join(folder, 'tracks/runs/r1/blobs')
  expect(await readdir(blobs)).not.toEqual([])
  expect((await stat(journalFile('r1'))).size).toBeLessThan(40_000)
  await rm(blobs, { recursive: true })
  const done: string[] = []
  expect(await newTale({ done: (path) => done.push(path), padding: 50_000 }).runner.resume('r1')).toMatchObject({ status: 'succeeded', output: taleOutput(2) })
  // The sum of the other track is small, and stands in the journal itself.
  expect(done.toSorted()).toEqual(['Tale/Left/double[0]', 'Tale/Left/double[1]', 'Tale/Left/list', 'Tale/final:sum'])
})

test('a run belongs to one process at a time, and to one beginning', async () => {
  let goOn = () => {}
  const held = new Promise<void>((resolve) => (goOn = resolve))
  const { runner, orchestrator, journal } = newTale({ held })
  const going = runner.runOrchestrator(orchestrator, { ...base, size: 2 }, { runId: 'r1' })
  await expect.poll(() => journal.list()).toHaveLength(1)
  await expect(newTale().runner.resume('r1')).rejects.toMatchObject({ code: 'journal/locked' })
  await expect(journal.delete('r1')).rejects.toMatchObject({ code: 'journal/locked' })
  goOn()
  await going
  await expect(runner.runOrchestrator(orchestrator, { ...base, size: 2 }, { runId: 'r1' })).rejects.toMatchObject({ code: 'journal/run_exists' })
})

test('another process may ask for a run to be cancelled; it can be gone on with', async () => {
  const { runner, orchestrator } = newTale({ held: new Promise(() => {}) })
  const { journal } = newTale()
  const going = runner.settleOrchestrator(orchestrator, { ...base, size: 2 }, { runId: 'r1' })
  await expect.poll(() => journal.list()).toHaveLength(1)
  expect(await journal.isRunning('r1')).toBe(true)
  await journal.cancel('r1')
  expect(await going).toMatchObject({ status: 'cancelled' })
  expect(await journal.list()).toMatchObject([{ runId: 'r1', status: 'cancelled' }])
  await expect(journal.cancel('r1')).rejects.toMatchObject({ code: 'journal/not_running' })
  expect(await newTale().runner.resume('r1')).toMatchObject({ status: 'succeeded', output: taleOutput(2) })
  expect((await readdir(join(folder, 'tracks/runs/r1'))).toSorted()).toEqual(['journal.jsonl', 'run.json'])
})

test('what is refused before anything runs leaves no run', async () => {
  const { runner, orchestrator, journal } = newTale()
  await expect(runner.runOrchestrator(orchestrator, { tenantId: 'acme' } as never)).rejects.toMatchObject({ code: 'contract_violated' })
  await expect(runner.runOrchestrator(orchestrator, { ...base, size: 1n } as never)).rejects.toMatchObject({ code: 'contract_violated' })
  expect(await journal.list()).toEqual([])
})

test('a run is run with what was written down, whatever its caller makes of the payload meanwhile', async () => {
  const journal = createJournal({ folder })
  const { runTrack } = createRunner({ registry: suiteTasks, handlers: suiteHandlers, journal })
  const payload = { ...base, value: [1] }
  const running = runTrack({ name: 'Kept', tasks: [{ taskName: 'suite_any' }] }, payload, { runId: 'r1' })
  payload.value.push(2)
  expect(await running).toEqual([1])
  expect((await journal.read('r1')).payload).toEqual({ ...base, value: [1] })
})

test('a journal that was changed is refused, and the other runs are still there', async () => {
  const { runner, orchestrator, journal } = newTale({ failing: new Set(['sum']) })
  await runner.settleOrchestrator(orchestrator, { ...base, size: 2 }, { runId: 'bad' })
  await runner.settleOrchestrator(orchestrator, { ...base, size: 2 }, { runId: 'good' })
  const text = await readFile(journalFile('bad'), 'utf8')
  await writeFile(journalFile('bad'), text.replace('call.succeeded', 'call.succeedet'))
  await expect(runner.resume('bad')).rejects.toMatchObject({ code: 'journal/damaged' })
  appendFileSync(journalFile('good'), 'torn')
  expect((await journal.list()).map(({ runId }) => runId)).toEqual(['good'])
  await expect(runner.resume('none')).rejects.toMatchObject({ code: 'journal/unknown_run' })
  await expect(runner.resume('../good')).rejects.toMatchObject({ code: 'journal/unknown_run' })
})

test('one call deletes the runs of a tenant, and no others', async () => {
  const { runner, orchestrator, journal } = newTale()
  for (const [runId, tenantId] of [['a', 'acme'], ['b', 'acme'], ['c', 'acme2']] as const) await runner.runOrchestrator(orchestrator, { ...base, tenantId, size: 2 }, { runId })
  expect((await journal.deleteTenant('acme')).toSorted()).toEqual(['a', 'b'])
  expect(await readdir(join(folder, 'tracks/runs'))).toEqual(['c'])
})

test('without a journal nothing can be resumed, and a run of a definition that is not given is refused by its name', async () => {
  const { runner, orchestrator } = newTale({ failing: new Set(['sum']) })
  await runner.settleOrchestrator(orchestrator, { ...base, size: 2 }, { runId: 'r1' })
  await expect(createTale({ done: () => {} }).runner.resume('r1')).rejects.toMatchObject({ code: 'definition_invalid' })
  await expect(newTale({ unnamed: true }).runner.resume('r1')).rejects.toThrow('put its definition into the option orchestrators')
  expect(() => createJournal({} as never)).toThrow('createJournal: folder is required')
})

test('a run that did without a track that failed does that track again when it is resumed, and nothing else; one that lost a race does not', async () => {
  const journal = createJournal({ folder: join(folder, 'tracks') })
  const registry = defineRegistry({ double: defineTask({ name: 'double', input: z.object({ n: z.number() }), output: z.object({ n: z.number() }), retry: { maxAttempts: 1 } }) })
  const done: number[] = []
  let broken = true
  const tasks = [{ taskName: 'double', inputMapper: ({ n }: { n: number }) => ({ n }) }]
  const track = (name: string, add: number): TrackDefinition => ({ name, tasks: [{ taskName: 'double', inputMapper: ({ n }: { n: number }) => ({ n: n + add }) }] })
  const careless = { name: 'Careless', tracks: [track('One', 1), track('Two', 2)], trackInputMappings: { One: (_: unknown, input: unknown) => input, Two: (_: unknown, input: unknown) => input }, onTrackFailure: 'continue' as const }
  const race: CompositeTrackDefinition = { name: 'Race', type: 'composite', mode: 'race', tasks, subTracks: [track('Slow', 2), track('Fast', 1)] }
  const runner = createRunner({
    registry, journal, tracks: [race], orchestrators: [careless],
    handlers: { double: ({ n }) => { done.push(n); if (broken && n === 3) throw new TerminalError('not yet'); return { n: n * 2 } } },
  })
  expect(await runner.settleOrchestrator(careless, { ...base, n: 1 }, { runId: 'r1' })).toMatchObject({ status: 'succeeded', output: { One: { n: 4 } } })
  const raced = await runner.settleTrack(race, { ...base, n: 0.5 }, { runId: 'r2' }) // 0.5 doubled, plus 2, is the broken 3
  expect(raced).toMatchObject({ status: 'succeeded', output: { n: 4 } })
  broken = false
  done.length = 0
  expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded', output: { One: { n: 4 }, Two: { n: 6 } } })
  expect(done).toEqual([3])
  expect(await runner.resume('r1')).toMatchObject({ output: { Two: { n: 6 } } })
  expect(await runner.resume('r2')).toMatchObject({ status: 'succeeded', output: { n: 4 } })
  expect(done).toEqual([3])
})

test('a step that keeps its id and is another task now is run: what the earlier one made is not its output', async () => {
  const number = z.object({ n: z.number() })
  const registry = defineRegistry({ add: defineTask({ name: 'add', input: number, output: number }), say: defineTask({ name: 'say', input: number, output: z.object({ said: z.string() }) }) })
  const journal = createJournal({ folder })
  const process = (taskName: string) => {
    const track: TrackDefinition = { name: 'Swapped', tasks: [{ taskName, id: 'first' }, { taskName: 'add', inputMapper: (prev) => ({ n: taskName === 'add' ? prev.n : prev.said.length }) }] }
    const shut = () => Promise.reject<{ n: number }>(new TerminalError('shut'))
    return { track, runner: createRunner({ registry, tracks: [track], journal, handlers: { add: ({ n }) => (taskName === 'add' && n === 4 ? shut() : { n: n + 1 }), say: ({ n }) => ({ said: '!'.repeat(n) }) } }) }
  }
  const first = process('add')
  expect(await first.runner.settleTrack(first.track, { ...base, n: 3 }, { runId: 'r1' })).toMatchObject({ status: 'failed' })
  const { runner } = process('say')
  expect((await runner.plan('r1')).steps).toMatchObject([{ step: 'first', why: { reason: 'task_changed', before: 'add', after: 'say' } }, { step: 'add', action: 'run' }])
  expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded', output: { n: 4 } })
})
