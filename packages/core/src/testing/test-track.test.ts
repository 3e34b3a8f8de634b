import { setTimeout as delay } from 'node:timers/promises'
import { defineRegistry, defineTask, ProviderError, type TaskHandlers } from '@track-orchestrator/registry'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { forRegistry } from '../typed/for-registry.ts'
import { testTrack } from './test-track.ts'

const text = z.object({ text: z.string() })
const translate = defineTask({ name: 'translate', input: text, output: text, timeoutMs: 60_000 })
const tasks = defineRegistry({
  transcribe: defineTask({ name: 'transcribe', input: z.object({ url: z.string() }), output: text, retry: { maxAttempts: 3, minDelayMs: 10_000, factor: 2 }, timeoutMs: 60_000 }),
  translate,
  translate_all: defineTask({ name: 'translate_all', input: text, output: z.object({ texts: z.array(z.string()) }), timeoutMs: 30_000 }),
  shout: defineTask({ name: 'shout', input: text, output: text }),
})
const handlers: TaskHandlers<typeof tasks> = {
  transcribe: () => expect.unreachable('the vendor was called'),
  translate: () => expect.unreachable('the vendor was called'),
  translate_all: async (input, { runTasks }) => ({ texts: (await runTasks([1, 2].map((n) => ({ task: translate, input: { text: `${input.text} ${n}` } })))).map((done) => done.text) }),
  shout: (input) => ({ text: input.text.toUpperCase() }),
}
const { defineTrack } = forRegistry(tasks)
const track = defineTrack({ name: 'Shouting', tasks: [{ taskName: 'transcribe' }, { taskName: 'shout' }] })
const busy = new ProviderError('busy', { provider: 'vendor', status: 503 })

test('a fake answers instead of a handler, and the real handlers do the rest', async () => {
  const result = await testTrack({ track, handlers, fakes: { transcribe: { output: { text: 'to be' } } } }).run({ url: 'talk.webm' })
  expect(result).toMatchObject({ status: 'succeeded', output: { text: 'TO BE' }, elapsedMs: 0 })
  expect(result.calls).toEqual([
    { taskName: 'transcribe', attempt: 1, input: { url: 'talk.webm' }, output: { text: 'to be' }, fake: true, startedAtMs: 0 },
    { taskName: 'shout', attempt: 1, input: { text: 'to be' }, output: { text: 'TO BE' }, fake: false, startedAtMs: 0 },
  ])
  if (result.status === 'succeeded') expectTypeOf(result.output).toEqualTypeOf<{ text: string }>()
})

test('waits between attempts, and what a fake takes, are told in full and cost no time', async () => {
  const began = Date.now()
  const result = await testTrack({ track, handlers, fakes: { transcribe: { output: { text: 'x' }, takesMs: 45_000, failsWith: [busy, busy] } } }).run({ url: '' })
  expect(result).toMatchObject({ status: 'succeeded', elapsedMs: 45_000 * 3 + 10_000 + 20_000 })
  expect(result.calls.map(({ taskName, startedAtMs }) => [taskName, startedAtMs])).toEqual([['transcribe', 0], ['transcribe', 55_000], ['transcribe', 120_000], ['shout', 165_000]])
  expect(Date.now() - began).toBeLessThan(5_000)
})

test('a fake that takes longer than its time limit times out, on the minute', async () => {
  const result = await testTrack({ track, handlers, fakes: { transcribe: { output: { text: 'x' }, takesMs: 60_001 } } }).run({ url: '' })
  expect(result).toMatchObject({ status: 'failed', error: { code: 'timed_out', place: { step: 'transcribe', attempt: 3 } }, elapsedMs: 60_000 * 3 + 30_000 })
})

test('a real handler that hangs is timed out in real time', async () => {
  const quick = defineRegistry({ hang: defineTask({ name: 'hang', input: text, output: text, timeoutMs: 20, retry: { maxAttempts: 1 } }) })
  const hanging = forRegistry(quick).defineTrack({ name: 'Hanging', tasks: [{ taskName: 'hang' }] })
  const result = await testTrack({ track: hanging, handlers: { hang: (_input, { signal }) => delay(60_000, { text: '' }, { signal }) } }).run({ text: '' })
  expect(result).toMatchObject({ status: 'failed', error: { code: 'timed_out' } })
})

test('tasks that a handler calls have fakes, too, whose time does not count against the handler', async () => {
  const all = defineTrack({ name: 'All', tasks: [{ taskName: 'translate_all' }] })
  const result = await testTrack({ track: all, handlers, fakes: { translate: { output: { text: 'ja' }, takesMs: 59_000 } } }).run({ text: 'yes' })
  expect(result).toMatchObject({ status: 'succeeded', output: { texts: ['ja', 'ja'] }, elapsedMs: 59_000 })
})

test('an answer that breaks the contract fails the step, as a real one does', async () => {
  // @ts-expect-error `text` is a string
  const result = await testTrack({ track, handlers, fakes: { transcribe: { output: { text: 1 } } } }).run({ url: '' })
  expect(result).toMatchObject({ status: 'failed', error: { code: 'contract_violated', side: 'output', place: { step: 'transcribe' } } })
})

test('with the registry, fakes alone are typed and enough', async () => {
  const result = await testTrack({ registry: tasks, track, fakes: { transcribe: ({ url }) => ({ text: url }), shout: ({ text: heard }) => ({ text: `${heard}!` }) } }).run({ url: 'a' })
  expect(result).toMatchObject({ output: { text: 'a!' } })
})

test('a run is cancelled while a fake takes its time', async () => {
  const controller = new AbortController()
  const tested = testTrack({ track, handlers, fakes: { transcribe: async (_input, { signal }) => (controller.abort(), delay(60_000, { text: '' }, { signal })) } })
  expect(await tested.run({ url: '' }, { signal: controller.signal })).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
})

test('what cannot be tested is refused: a fake of no task, one that is no answer, and a track of no known registry', async () => {
  // @ts-expect-error there is no such task
  expect(() => testTrack({ track, handlers, fakes: { transcribed: { output: {} } } })).toThrow('fakes.transcribed: the registry has no such task. Did you mean "transcribe"?')
  expect(() => testTrack({ track: { name: 'Plain', tasks: [{ taskName: 'shout' }] }, handlers })).toThrow('the registry of Plain is not known')
  await expect(testTrack({ track, handlers, fakes: { transcribe: { answer: 1 } as never } }).run({ url: '' })).rejects.toThrow('fakes.transcribe is neither a handler nor { output }')
})
