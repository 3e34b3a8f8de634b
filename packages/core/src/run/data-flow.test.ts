import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { CompositeTrackDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import { createRunner } from '../in-process/create-runner.ts'
import { failureOf } from '../testing/failure-of.ts'

// Untyped definitions on purpose: what holds for them holds for typed ones, which are the same data.

const open = z.looseObject({})
const tasks = defineRegistry({
  echo: defineTask({ name: 'echo', input: open, output: open }),
  words: defineTask({ name: 'words', input: z.object({ text: z.string().default('a b') }), output: z.object({ words: z.array(z.string()) }) }),
  upper: defineTask({ name: 'upper', input: z.string(), output: z.string() }),
  fail: defineTask({ name: 'fail', input: open, output: open, retry: { maxAttempts: 1 } }),
})
const runner = createRunner({
  registry: tasks,
  handlers: {
    echo: (input) => input,
    words: ({ text }) => ({ words: text.split(' ') }),
    upper: (text) => text.toUpperCase(),
    fail: () => Promise.reject(new Error('broken')),
  },
  defaults: { tenantId: 't', projectId: 'p', trampData: { job: 1 } },
})
const run = (steps: TrackTaskDefinition[], payload: object = {}) => runner.runTrack({ name: 'Track', tasks: steps }, payload)

test('the first task gets the raw input, without the base fields', async () => {
  expect(await run([{ taskName: 'echo' }], { a: 1 })).toEqual({ a: 1 })
})

test('without a mapper, the previous output goes in as it is', async () => {
  expect(await run([{ taskName: 'words' }, { taskName: 'echo' }], { text: 'x y' })).toEqual({ words: ['x', 'y'] })
})

test('a mapper sees the previous output with trampData, the original input with base fields, and every earlier output by step id', async () => {
  const output = await run(
    [
      { taskName: 'words', id: 'first' },
      { taskName: 'echo', inputMapper: (prevOutput, originalInput, { outputs, trampData }) => ({ prevOutput, originalInput, outputs: { ...outputs }, tramp: trampData }) },
    ],
    { text: 'x' },
  )
  expect(output).toEqual({
    prevOutput: { words: ['x'], trampData: { job: 1 } },
    originalInput: { text: 'x', tenantId: 't', projectId: 'p', trampData: { job: 1 } },
    outputs: { first: { words: ['x'] } },
    tramp: { job: 1 },
  })
})

test('what a mapper was shown of the outputs stays as it was, and is shown again where nothing has come to it', async () => {
  const shown: object[] = []
  const keep: TrackTaskDefinition['inputMapper'] = (_prev, _original, { outputs }) => {
    shown.push(outputs)
    return {}
  }
  await run([{ taskName: 'echo', id: 'a', inputMapper: keep }, { taskName: 'echo', id: 'b', when: (_prev, _original, { outputs }) => shown.push(outputs) > 5, inputMapper: keep }, { taskName: 'echo', id: 'c', inputMapper: keep }])
  expect(shown.map((outputs) => Object.keys(outputs))).toEqual([[], ['a'], ['a', 'b']])
  expect(shown.every((outputs) => Object.isFrozen(outputs))).toBe(true)
  shown.length = 0
  await run([{ taskName: 'echo', id: 'a' }, { taskName: 'echo', id: 'b', when: (_prev, _original, { outputs }) => shown.push(outputs) > 0, inputMapper: keep }])
  expect(shown[0]).toBe(shown[1])
})

test.each<[string, TrackTaskDefinition]>([
  ['the previous output, in an inputMapper', { taskName: 'echo', inputMapper: ({ words }) => words.push('c') }],
  ['the previous output, in a when', { taskName: 'echo', when: ({ words }) => words.push('c') > 0 }],
  ['the previous output, in a forEach', { taskName: 'echo', forEach: ({ words }) => words.fill('c') }],
  ['the item, in the inputMapper of a forEach', { taskName: 'echo', forEach: 'list', inputMapper: (item) => item.inner.push(2) }],
  ['an earlier output', { taskName: 'echo', inputMapper: (_prev, _original, { outputs }) => outputs.first.words.push('c') }],
  ['the input', { taskName: 'echo', inputMapper: (_prev, original) => original.list.push(2) }],
  ['trampData', { taskName: 'echo', inputMapper: (_prev, _original, { trampData }) => (trampData.job = 2) }],
])('%s is read-only, and who changes it is told so', async (_what, step) => {
  const error = await failureOf(run([{ taskName: 'echo', id: 'first' }, { taskName: 'echo', id: 'second' }, step], { words: ['a', 'b'], list: [{ inner: [1] }] }))
  expect(error).toMatchObject({ code: 'mapper_failed', place: { track: 'Track', step: 'echo' } })
  expect(error.message).toContain('What it is given is read-only')
})

test('a promise inside what a mapper makes is refused, and ends no process when it rejects', async () => {
  const error = await failureOf(run([{ taskName: 'echo', inputMapper: () => ({ list: [Promise.reject(new Error('left behind'))] }) }]))
  expect(error.message).toContain('list.0: a promise is no JSON')
})

test('base fields that a mapper returns are ignored', async () => {
  expect(await run([{ taskName: 'echo', inputMapper: () => ({ a: 1, tenantId: 'other', trampData: {} }) }])).toEqual({ a: 1 })
})

test('fields that are called as the engines call theirs, and base fields further down, are the task\'s own', async () => {
  const fields = { resumeOf: 'run_1', runId: 'r', walkId: 'w', call: { runId: 'x' }, input: 2, $claim: 'payloads/other.json', trackOrchestrator: { resumeOf: 'run_2' }, values: { userId: 1, tenantId: 2, resumeOf: 3 } }
  expect(await run([{ taskName: 'echo' }, { taskName: 'echo', id: 'again', inputMapper: ({ trampData: _trampData, ...prev }) => prev }], fields)).toEqual(fields)
  expect(await runner.runSingleTask('echo', fields)).toEqual(fields)
})

test('no step can change trampData, and the caller\'s own object stays as it was', async () => {
  const trampData = { list: [1] }
  const error = await failureOf(run([{ taskName: 'echo', inputMapper: (prev) => prev.trampData.list.push(2) }], { trampData }))
  expect(error.code).toBe('mapper_failed')
  expect(trampData).toEqual({ list: [1] })
  expect(Object.isFrozen(trampData)).toBe(false)
})

test('a mapper that throws is named, with its step and track, and not tried again', async () => {
  const error = await failureOf(run([{ taskName: 'echo', id: 'one', inputMapper: (prev) => prev.missing.deep }]))
  expect(error).toMatchObject({ code: 'mapper_failed', retryable: false, place: { track: 'Track', step: 'one' } })
  expect(error.message).toContain('inputMapper of step one of Track')
})

test('forEach names a key: the step runs for each item, in order', async () => {
  const steps = [{ taskName: 'words' }, { taskName: 'upper', forEach: 'words' }]
  expect(await run(steps, { text: 'x y z' })).toEqual(['X', 'Y', 'Z'])
})

test('beside a key, the mapper gets item, index, original input and context', async () => {
  const output = await run([{ taskName: 'words' }, { taskName: 'echo', forEach: 'words', inputMapper: (item, index, original, context) => ({ item, index, tenant: original.tenantId, ids: Object.keys(context.outputs) }) }])
  expect(output).toEqual([
    { item: 'a', index: 0, tenant: 't', ids: ['words'] },
    { item: 'b', index: 1, tenant: 't', ids: ['words'] },
  ])
})

test('the mapper after a forEach sees the list, with trampData on it', async () => {
  const output = await run([{ taskName: 'words' }, { taskName: 'upper', forEach: 'words' }, { taskName: 'echo', inputMapper: (prev) => ({ joined: prev.join(''), tramp: prev.trampData }) }])
  expect(output).toEqual({ joined: 'AB', tramp: { job: 1 } })
})

test('forEach over what is no list says what it got', async () => {
  const error = await failureOf(run([{ taskName: 'echo' }, { taskName: 'upper', forEach: 'words' }]))
  expect(error.message).toContain('"words" of the previous output is undefined')
})

test('forEach runs a whole track for each item', async () => {
  const shout: TrackDefinition = { name: 'Shout', tasks: [{ taskName: 'echo' }, { taskName: 'upper', inputMapper: (prev) => prev.word }] }
  const output = await run([{ taskName: 'words' }, { taskName: '', track: shout, forEach: 'words', inputMapper: (word) => ({ word }) }])
  expect(output).toEqual(['A', 'B'])
})

test('a step whose when says no is skipped: outputs holds undefined, the previous output stays', async () => {
  const output = await run([{ taskName: 'words' }, { taskName: 'echo', id: 'maybe', when: (prev) => prev.words.length > 5 }, { taskName: 'echo', inputMapper: (prev, _original, { outputs }) => ({ prev, skipped: 'maybe' in outputs && outputs.maybe === undefined }) }])
  expect(output).toEqual({ prev: { words: ['a', 'b'], trampData: { job: 1 } }, skipped: true })
})

test('onError continue: the track goes on with the last output that exists', async () => {
  expect(await run([{ taskName: 'words' }, { taskName: 'fail', onError: 'continue' }, { taskName: 'echo' }])).toEqual({ words: ['a', 'b'] })
})

test('onError fallback: the fallback stands for the output', async () => {
  expect(await run([{ taskName: 'fail', onError: { fallback: { instead: true } } }, { taskName: 'echo' }])).toEqual({ instead: true })
})

test('onError halt is the default: the track stops, and the error knows its place', async () => {
  const error = await failureOf(run([{ taskName: 'fail' }, { taskName: 'echo' }]))
  expect(error).toMatchObject({ code: 'task_failed', message: 'broken', place: { track: 'Track', step: 'fail', taskName: 'fail', attempt: 1 } })
  expect((error.cause as Error).stack).toContain('data-flow.test')
})

test('a track with no tasks hands its input on', async () => {
  expect(await run([], { a: 1 })).toEqual({ a: 1 })
})

test('a composite gives its sub-tracks the last output of its tasks, and merges by order and by name', async () => {
  const sub = (name: string, steps: TrackTaskDefinition[]): TrackDefinition => ({ name, tasks: steps })
  const composite: CompositeTrackDefinition = {
    name: 'Both',
    type: 'composite',
    tasks: [{ taskName: 'words' }],
    subTracks: [sub('Same', []), sub('Echo', [{ taskName: 'echo' }])],
    mergeStrategy: async (outputs, { byName, originalInput, outputs: own, trampData }) => ({ outputs, names: Object.keys(byName), text: originalInput.text, own: { ...own }, trampData }),
  }
  const words = { words: ['q'] }
  expect(await runner.runTrack(composite, { text: 'q' })).toEqual({ outputs: [words, words], names: ['Same', 'Echo'], text: 'q', own: { words }, trampData: { job: 1 } })
})

test('a sub-track that fails cancels the others, and its error is the composite\'s', async () => {
  const composite: CompositeTrackDefinition = { name: 'Both', type: 'composite', tasks: [], subTracks: [{ name: 'Bad', tasks: [{ taskName: 'fail' }] }, { name: 'Good', tasks: [{ taskName: 'echo' }] }] }
  expect(await failureOf(runner.runTrack(composite, {}))).toMatchObject({ message: 'broken', place: { track: 'Bad' } })
})

test('a payload that is no object is refused', async () => {
  expect(await failureOf(runner.runTrack({ name: 'Track', tasks: [] }, 7))).toMatchObject({ code: 'contract_violated', taskName: 'Track' })
})

test.each(['a/b', '..', 'x..y', 'a\nb', '', ' a', 'é'.repeat(129), 7])('the tenant id %j is refused', async (tenantId) => {
  expect(await failureOf(run([], { tenantId }))).toMatchObject({ code: 'contract_violated', issues: [{ path: ['tenantId'] }] })
})
