import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { CompositeTrackDefinition, OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import { createJournal, createRunner, type RunPlan } from './index.ts'

// Plans and forks where tracks stand in tracks: items that are tracks, sub-tracks, steps that are skipped, single tasks.

const base = { tenantId: 'acme', projectId: 'p1' }
const n = z.object({ n: z.number() })

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plan-of-nested-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** `inItem`: the second step of each item's track is called so. */
async function nested({ folder, inItem = 'b' }: { readonly folder?: string; readonly inItem?: string } = {}) {
  const at = folder ?? (await newFolder())
  const tasks = defineRegistry({
    add: defineTask({ name: 'add', input: n, output: n, retry: { maxAttempts: 1 } }),
    list: defineTask({ name: 'list', input: n, output: z.object({ items: z.array(n) }) }),
  })
  const item: TrackDefinition = { name: 'Item', tasks: [{ taskName: 'add', id: 'a' }, { taskName: 'add', id: inItem }] }
  const composite = {
    name: 'Comp',
    type: 'composite',
    tasks: [{ taskName: 'list' }, { taskName: 'Item', track: item, forEach: 'items', id: 'each' }, { taskName: 'add', id: 'sum', inputMapper: (items: { n: number }[]) => ({ n: items.reduce((sum, one) => sum + one.n, 0) }) }],
    subTracks: [{ name: 'S1', tasks: [{ taskName: 'add' }] }, { name: 'S2', tasks: [{ taskName: 'add', when: () => false }] }],
  } as CompositeTrackDefinition
  const orchestrator: OrchestratorDefinition = {
    name: 'O',
    tracks: [composite, { name: 'T2', tasks: [{ taskName: 'add' }] }],
    trackDependencies: { T2: ['Comp'] },
    trackInputMappings: { T2: ({ Comp }: { Comp: { S1: { n: number } } }) => ({ n: Comp.S1.n }) },
    finalTask: { taskName: 'add', inputMapper: ({ T2 }: { T2: { n: number } }) => ({ n: T2.n }) },
  }
  const state = { broken: -1, done: [] as number[] }
  const add = (input: { n: number }) => {
    if (input.n === state.broken) throw new TerminalError('broken')
    state.done.push(input.n)
    return { n: input.n + 1 }
  }
  const runner = createRunner({ registry: tasks, journal: createJournal({ folder: at }), orchestrators: [orchestrator], handlers: { add, list: (input) => ({ items: [{ n: input.n * 10 }, { n: input.n * 20 + 1 }] }) } })
  return { runner, orchestrator, state }
}

const linesOf = ({ steps }: RunPlan) => steps.map((step) => `${step.path} ${step.action === 'run' ? step.why.reason : step.action}`)

test('a plan names the steps of items that are tracks one by one, and those of sub-tracks', async () => {
  const { runner, orchestrator, state } = await nested()
  state.broken = 22
  await runner.settleOrchestrator(orchestrator, { ...base, n: 1 }, { runId: 'r1' })
  expect(linesOf(await runner.plan('r1'))).toEqual([
    ...['O/Comp/list reuse', 'O/Comp/each[0]/a reuse', 'O/Comp/each[1]/a reuse', 'O/Comp/each[0]/b reuse', 'O/Comp/each[1]/b failed'],
    ...['O/Comp/sum new', 'O/Comp/S1/add new', 'O/Comp/S2/add new', 'O/T2/add new', 'O/final:add new'],
  ])
  state.broken = -1
  state.done = []
  expect(await runner.resume('r1')).toMatchObject({ status: 'succeeded', output: { n: 39 } })
  expect(state.done).toEqual([22, 35, 36, 37, 38])
  const after = linesOf(await runner.plan('r1'))
  expect(after.filter((line) => !line.endsWith(' reuse'))).toEqual(['O/Comp/S2/add skip'])
})

/** A run of the flow, and what forks it: with what is done anew, and how it ends. */
async function forking() {
  const { runner, orchestrator, state } = await nested()
  await runner.settleOrchestrator(orchestrator, { ...base, n: 1 }, { runId: 'r1' })
  return async (from: string, set = {}) => {
    state.done = []
    const result = await runner.fork('r1', { from, set })
    return { done: state.done, result }
  }
}

test('a fork from a step inside the items does the others of its track, and all behind it, anew; one from a sub-track leaves its siblings', async () => {
  const forked = await forking()
  expect(await forked('O/Comp/each/b')).toMatchObject({ done: [11, 22, 35, 36, 37, 38], result: { output: { n: 39 } } })
  expect(await forked('O/Comp/each/a', { n: 5 })).toMatchObject({ result: { output: { n: 18 } } })
  expect((await forked('S1/add')).done).toEqual([36, 37, 38])
  expect((await forked('T2/add', { n: 0 })).result).toMatchObject({ output: { n: 2 } })
})

test('a single task is planned and forked as well', async () => {
  const { runner } = await nested()
  await runner.settleSingleTask('add', { ...base, n: 3 }, { runId: 't1' })
  expect(linesOf(await runner.plan('t1'))).toEqual(['add/add reuse'])
  expect(await runner.fork('t1', { from: 'add', set: { n: 9 } })).toMatchObject({ status: 'succeeded', output: { n: 10 } })
})

test('a fork from a step that is a track, or from one item of it, does all in that anew; its input may be set', async () => {
  const forked = await forking()
  expect((await forked('each')).done.toSorted((a, b) => a - b)).toEqual([10, 11, 21, 22, 35, 36, 37, 38])
  expect((await forked('each[1]')).done).toEqual([21, 22, 35, 36, 37, 38])
  expect(await forked('each[1]', { n: 30 })).toMatchObject({ done: [30, 31, 44, 45, 46, 47], result: { status: 'succeeded', output: { n: 48 } } })
  expect((await forked('each[1]/b')).done).toEqual([22, 35, 36, 37, 38])
  expect((await forked('O/Comp/each[0]/a')).done).toEqual([10, 11, 35, 36, 37, 38])
  expect((await forked('each', { '[0].n': 50 })).done).toContain(50)
})

test('a step inside items that are tracks is forced in each of them', async () => {
  const { runner, orchestrator, state } = await nested()
  await runner.settleOrchestrator(orchestrator, { ...base, n: 1 }, { runId: 'r1' })
  state.done = []
  await runner.resume('r1', { force: ['O/Comp/each/b'] })
  expect(state.done).toEqual([11, 22])
})

test('a step inside items that are tracks that was renamed is found under its new name', async () => {
  const folder = await newFolder()
  const before = await nested({ folder })
  before.state.broken = 35
  await before.runner.settleOrchestrator(before.orchestrator, { ...base, n: 1 }, { runId: 'r1' })
  const { runner, state } = await nested({ folder, inItem: 'c' })
  await expect(runner.resume('r1')).rejects.toMatchObject({ code: 'journal/place_vanished' })
  expect(await runner.resume('r1', { map: { b: 'c' } })).toMatchObject({ status: 'succeeded', output: { n: 39 } })
  expect(state.done).toEqual([35, 36, 37, 38])
})
