import { forRegistry } from '@track-orchestrator/core'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { createClient, type InputOf, type NameOf, type OutputOf } from './index.ts'

const registry = defineRegistry({
  count_words: defineTask({ name: 'count_words', input: z.object({ text: z.string(), most: z.number().default(9) }), output: z.object({ words: z.number() }) }),
})
const { defineTrack, defineOrchestrator } = forRegistry(registry)
const countTrack = defineTrack({ name: 'CountTrack', tasks: [{ taskName: 'count_words' }] })
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
