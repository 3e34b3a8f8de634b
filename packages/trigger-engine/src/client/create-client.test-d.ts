import { forRegistry } from '@track-orchestrator/core'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { createClient, type InputOf, type NameOf, type OutputOf } from './index.ts'

const registry = defineRegistry({
  count_words: defineTask({ name: 'count_words', input: z.object({ text: z.string(), most: z.number().default(9) }), output: z.object({ words: z.number() }) }),
})
const { defineTrack, defineCompositeTrack, defineOrchestrator } = forRegistry(registry)
const countTrack = defineTrack({ name: 'CountTrack', tasks: [{ taskName: 'count_words' }] })
const reviewTrack = defineTrack({
  name: 'ReviewTrack',
  tasks: [{ taskName: 'count_words' }, { approve: 'review', schema: z.object({ text: z.string(), note: z.string().default('') }), timeoutMs: 1_000 }, { approve: 'is_it_so', id: 'sure', timeoutMs: 1_000 }],
})
const around = defineTrack({ name: 'Around', tasks: [{ track: reviewTrack }, { taskName: 'count_words', inputMapper: () => ({ text: '' }) }] })
const sometimes = defineTrack({ name: 'Sometimes', tasks: [{ taskName: 'count_words' }, ...(Math.random() > 0.5 ? [{ approve: 'often', timeoutMs: 1 } as const] : [])] })
const beside = defineCompositeTrack({ name: 'Beside', type: 'composite', input: z.object({ text: z.string() }), tasks: [{ approve: 'begin', timeoutMs: 1 }], subTracks: [around, countTrack] })
const reviewing = defineOrchestrator({ name: 'Reviewing', tracks: [beside, countTrack] })
const asking = { registry, tracks: [countTrack, reviewTrack, around, sometimes, beside], orchestrators: [reviewing] }
const counting = defineOrchestrator({ name: 'Counting', tracks: [countTrack] })
const asLists = { registry, tracks: [countTrack], orchestrators: [counting] }
const asObjects = { registry, tracks: { CountTrack: countTrack }, orchestrators: { Counting: counting } as const }
const base = { tenantId: 't', projectId: 'p' }

test('names, payloads and outputs are those of the definitions, given as lists or as objects', () => {
  expectTypeOf<NameOf<typeof asLists>>().toEqualTypeOf<'CountTrack' | 'Counting' | 'count_words'>()
  expectTypeOf<NameOf<typeof asObjects>>().toEqualTypeOf<'CountTrack' | 'Counting' | 'count_words'>()
  expectTypeOf<InputOf<typeof asLists, 'CountTrack'>>().toEqualTypeOf<{ text: string; most?: number | undefined }>()
  expectTypeOf<OutputOf<typeof asObjects, 'count_words'>>().toEqualTypeOf<{ words: number }>()
})

test('a run that was triggered knows its output', () => {
  const client = createClient<typeof asLists>()
  const read = async () => client.wait(await client.trigger('CountTrack', { ...base, text: 'to be' }))
  expectTypeOf<Awaited<ReturnType<typeof read>>>().toEqualTypeOf<{ words: number }>()
  const state = async () => client.retrieve(await client.trigger('Counting', { ...base, text: 'to be' }, { tags: ['a'] }))
  expectTypeOf<Extract<Awaited<ReturnType<typeof state>>, { status: 'succeeded' }>['output']['CountTrack']>().toEqualTypeOf<{ words: number }>()
})

test('what does not fit is an error', () => {
  const client = createClient<typeof asLists>()
  // @ts-expect-error there is no such name
  void client.trigger('CountTracks', { ...base, text: 'to be' })
  // @ts-expect-error the text is missing
  void client.trigger('CountTrack', { ...base })
  // @ts-expect-error the tenant is missing
  void client.trigger('CountTrack', { projectId: 'p', text: 'to be' })
})

test('untyped definitions take anything, and a worker without tasks or tracks is one, too', () => {
  interface Untyped { readonly name: 'Tale'; readonly tasks: [] }
  const client = createClient<{ tracks: { Tale: Untyped } }>()
  void client.trigger('Tale', { ...base, whatever: 1 })
  expectTypeOf<OutputOf<{ tracks: { Tale: Untyped } }, 'Tale'>>().toBeAny()
})

test('an answer is what the schema of its step takes, or yes and no, also of a step deep inside; by the id of the step or its path', async () => {
  const client = createClient<typeof asking>()
  const run = await client.trigger('ReviewTrack', { ...base, text: 'to be' })
  void client.answer(run, 'review', { text: 'or' })
  void client.answer(run, 'ReviewTrack/review', { text: 'or', note: 'not' })
  void client.answer(run, 'sure', true)
  void client.answer(await client.resume(run), 'sure', false)
  void client.answer(await client.fork(run, { from: 'review' }), 'sure', false)
  void client.answer(await client.trigger('Around', { ...base, text: '' }), 'Around/ReviewTrack/review', { text: 'or' })
  void client.answer(await client.trigger('Beside', { ...base, text: '' }), 'begin', true)
  void client.answer(await client.trigger('Sometimes', { ...base, text: '' }), 'often', true)
  const whole = await client.trigger('Reviewing', { ...base, text: '' })
  void client.answer(whole, 'begin', true)
  void client.answer(whole, 'Reviewing/Beside/Around/ReviewTrack/review', { text: 'or' })
  // @ts-expect-error the text is missing
  void client.answer(run, 'review', { note: 'not' })
  // @ts-expect-error yes or no
  void client.answer(run, 'sure', 'yes')
  // @ts-expect-error there is no such step
  void client.answer(run, 'reviews', { text: 'or' })
  // @ts-expect-error it goes by its id
  void client.answer(run, 'is_it_so', true)
  // @ts-expect-error the text is missing, deep inside
  void client.answer(whole, 'Reviewing/Beside/Around/ReviewTrack/review', {})
})

test('what asks for nothing takes no answer; of an id, or an untyped definition, anything is taken', async () => {
  const client = createClient<typeof asking>()
  // @ts-expect-error nothing is asked for
  void client.answer(await client.trigger('CountTrack', { ...base, text: '' }), 'review', true)
  // @ts-expect-error nor by a task
  void client.answer(await client.trigger('count_words', { ...base, text: '' }), 'review', true)
  void client.answer('run_1', 'anything', { any: 1 })
  const untyped = createClient<{ tracks: { Tale: { name: 'Tale'; tasks: [] } } }>()
  void untyped.answer(await untyped.trigger('Tale', { ...base }), 'anything', { any: 1 })
})

test('a question tells which step asks, and is answered with what that takes', async () => {
  const client = createClient<typeof asking>()
  const run = await client.trigger('ReviewTrack', { ...base, text: 'to be' })
  for (const question of await client.questions(run)) {
    expectTypeOf(question.step).toEqualTypeOf<'review' | 'sure'>()
    if (question.step === 'review') void client.answer(run, question.path, { text: 'or' })
    // @ts-expect-error yes or no
    else void client.answer(run, question.path, { text: 'or' })
  }
  for (const { path } of await client.questions('run_1')) void client.answer('run_1', path, 'any')
})
