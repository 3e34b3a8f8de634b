import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import { createRunner } from '../in-process/create-runner.ts'
import { failureOf } from '../testing/failure-of.ts'

const open = z.looseObject({})
const tasks = defineRegistry({
  echo: defineTask({ name: 'echo', input: open, output: open }),
  strict: defineTask({ name: 'strict', input: z.strictObject({ n: z.number() }), output: z.object({ n: z.number() }) }),
  fail: defineTask({ name: 'fail', input: open, output: open }),
})
let calls: string[] = []
const runner = createRunner({
  registry: tasks,
  handlers: {
    echo: (input) => (calls.push('echo'), input),
    strict: ({ n }) => (calls.push('strict'), { n: n + 1 }),
    fail: () => Promise.reject(new TerminalError('broken')),
  },
  defaults: { tenantId: 't', projectId: 'p' },
})
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
