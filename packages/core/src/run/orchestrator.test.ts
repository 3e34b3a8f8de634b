import { defineRegistry, defineTask, TerminalError, type TaskHandlers } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { CompositeTrackDefinition, OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import type { Engine, TrackPlan } from '../engine/engine.ts'
import { createRunner } from '../in-process/create-runner.ts'
import { createInProcessEngine } from '../in-process/in-process-engine.ts'
import { failureOf } from '../testing/failure-of.ts'
import { bindRunner } from './runner.ts'

const open = z.looseObject({})
const tasks = defineRegistry({
  echo: defineTask({ name: 'echo', input: open, output: open }),
  strict: defineTask({ name: 'strict', input: z.strictObject({ n: z.number() }), output: z.object({ n: z.number() }) }),
  fail: defineTask({ name: 'fail', input: open, output: open }),
})
let calls: string[] = []
const handlers: TaskHandlers<typeof tasks> = {
  echo: (input) => (calls.push('echo'), input),
  strict: ({ n }) => (calls.push('strict'), { n: n + 1 }),
  fail: () => Promise.reject(new TerminalError('broken')),
}
const defaults = { tenantId: 't', projectId: 'p' }
const runner = createRunner({ registry: tasks, handlers, defaults })
const track = (name: string, taskName = 'echo', inputMapper?: (prev: any) => any): TrackDefinition => ({ name, tasks: [{ taskName, ...(inputMapper && { inputMapper }) }] })
const run = (orchestrator: Omit<OrchestratorDefinition, 'name'>, payload: object = {}) => runner.runOrchestrator({ name: 'All', ...orchestrator }, payload)

test('a track gets the orchestrator\'s input, its one dependency\'s output, or its dependencies\' outputs by name', async () => {
  const output = await run(
    { tracks: [track('A'), track('B', 'echo', () => ({ b: 2 })), track('One'), track('Two')], trackDependencies: { One: ['B'], Two: ['A', 'B'] } },
    { a: 1 },
  )
  expect(output).toEqual({ A: { a: 1 }, B: { b: 2 }, One: { b: 2 }, Two: { A: { a: 1 }, B: { b: 2 } } })
})

test('a mapping sees the outputs of the declared dependencies only, and the input with base fields', async () => {
  const seen: unknown[] = []
  await run(
    {
      tracks: [track('A'), track('B'), track('C')],
      trackDependencies: { C: ['B'] },
      trackInputMappings: { C: (outputs, original) => (seen.push(Object.keys(outputs), original), {}) },
    },
    { a: 1 },
  )
  expect(seen).toEqual([['B'], { a: 1, tenantId: 't', projectId: 'p' }])
})

test('the final task gets the outputs by name, and its output is the orchestrator\'s', async () => {
  const output = await run({ tracks: [track('A')], finalTask: { taskName: 'strict', inputMapper: (outputs, original) => ({ n: outputs.A.n + original.n }) } }, { n: 20 })
  expect(output).toEqual({ n: 41 })
})

test('a wrong input for any first step is refused before anything runs', async () => {
  calls = []
  const error = await failureOf(run({ tracks: [track('A'), track('B', 'strict')] }, { n: 'x' }))
  expect(error).toMatchObject({ code: 'contract_violated', taskName: 'strict', issues: [{ path: ['n'] }] })
  expect(calls).toEqual([])
})

test('runOrchestrator throws the error of the track that failed, with its place', async () => {
  const error = await failureOf(run({ tracks: [track('A', 'fail'), track('B')], trackDependencies: { B: ['A'] } }))
  expect(error).toMatchObject({ code: 'terminal', message: 'broken', place: { track: 'A', step: 'fail' } })
})

test('a mapping that throws fails its track', async () => {
  const orchestrator: OrchestratorDefinition = { name: 'All', tracks: [track('A')], trackInputMappings: { A: () => { throw new Error('oh') } }, onTrackFailure: 'continue' }
  expect(await runner.settleOrchestrator(orchestrator, {})).toMatchObject({ status: 'succeeded', tracks: { A: { status: 'failed', error: { code: 'mapper_failed' } } } })
})

test('a run that was cancelled before it began starts nothing', async () => {
  calls = []
  const result = await runner.settleOrchestrator({ name: 'All', tracks: [track('A')] }, {}, { signal: AbortSignal.abort() })
  expect(result).toMatchObject({ status: 'cancelled', tracks: { A: { status: 'cancelled' } } })
  expect(calls).toEqual([])
})

test('a track that somebody else has cancelled, as its engine says, fails whatever it is part of: no final task or merge runs, and no next step', async () => {
  const inner = createInProcessEngine<typeof tasks>({ handlers })
  const engine: Engine = {
    runTask: (call) => inner.runTask(call),
    runTasks: (given, options) => inner.runTasks(given, options),
    runTracks: async (plan: TrackPlan) => (await inner.runTracks(plan)).map((outcome, index) => (index === 0 ? { status: 'cancelled', durationMs: 0 } : outcome)),
  }
  const told = bindRunner<typeof tasks, undefined, typeof defaults>(() => ({ engine, registry: tasks }), defaults)
  const all: OrchestratorDefinition = { name: 'All', tracks: [track('A', 'echo'), track('B', 'echo')], finalTask: { taskName: 'strict', inputMapper: () => ({ n: 1 }) } }
  const merged: CompositeTrackDefinition = { name: 'Both', type: 'composite', tasks: [], subTracks: [...all.tracks], mergeStrategy: () => calls.push('merge') }
  const each: TrackDefinition = { name: 'Each', tasks: [{ taskName: 'A', track: track('A'), forEach: () => [{}, {}] }, { taskName: 'strict', inputMapper: () => ({ n: 1 }) }] }
  calls = []
  expect(await told.settleOrchestrator(all, {})).toMatchObject({ status: 'failed', error: { code: 'cancelled', place: { track: 'A' } }, tracks: { A: { status: 'failed' }, B: { status: 'succeeded' } } })
  expect(await told.settleTrack(merged, {})).toMatchObject({ status: 'failed', error: { code: 'cancelled', place: { track: 'A' } } })
  expect(await told.settleTrack(each, {})).toMatchObject({ status: 'failed', error: { code: 'cancelled', place: { step: 'A', item: 0 } } })
  expect(new Set(calls)).toEqual(new Set(['echo']))
  expect(await told.settleOrchestrator({ ...all, onTrackFailure: 'continue' }, {})).toMatchObject({ status: 'succeeded', output: { n: 2 }, tracks: { A: { status: 'failed' } } })
})
