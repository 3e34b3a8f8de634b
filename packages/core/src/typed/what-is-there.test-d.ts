import { defineRegistry, defineTask, type BaseFields, type ErrorJson } from '@track-orchestrator/registry'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { forRegistry } from './for-registry.ts'
import type { TrackOutputOf } from './track.ts'

// Mappers are typed as what they are given at run time: nothing, lists and failed items among it.

const text = z.object({ text: z.string() })
const { defineTrack, defineOrchestrator } = forRegistry(
  defineRegistry({
    find: defineTask({ name: 'find', input: text, output: text.nullable() }),
    look_up: defineTask({ name: 'look_up', input: text, output: text.optional() }),
    split: defineTask({ name: 'split', input: text, output: z.array(text) }),
    count: defineTask({ name: 'count', input: z.array(text), output: z.object({ count: z.number() }) }),
    report: defineTask({ name: 'report', input: z.object({ Counting: z.object({ count: z.number() }) }), output: text }),
  }),
)

test('an output that may be null or undefined is seen so by the next step', () => {
  defineTrack({
    name: 'Finding',
    tasks: [
      { taskName: 'find' },
      {
        taskName: 'look_up',
        inputMapper: (prev) => {
          expectTypeOf<Extract<typeof prev, null>>().toEqualTypeOf<null>()
          return { text: prev?.text ?? 'nothing' }
        },
      },
      {
        taskName: 'split',
        // @ts-expect-error - the output may be undefined
        inputMapper: (prev) => ({ text: prev.text }),
      },
    ],
  })
})

test('the input of a track that takes a list is that list, without base fields', () => {
  defineTrack({
    name: 'Counting',
    input: z.array(text),
    tasks: [
      {
        taskName: 'count',
        inputMapper: (prev, original) => {
          expectTypeOf(original).toEqualTypeOf<{ text: string }[]>()
          // @ts-expect-error - a list has no tenantId
          void original.tenantId
          return [...prev]
        },
      },
    ],
  })
  defineTrack({ name: 'Splitting', input: text, tasks: [{ taskName: 'split', when: (_, original) => original.tenantId !== '', inputMapper: (_, original) => {
    expectTypeOf(original).toEqualTypeOf<{ text: string } & BaseFields>()
    return original
  } }] })
})

test('with onItemError "continue" a step hands on how each item ended', () => {
  const each = defineTrack({
    name: 'Each',
    tasks: [
      { taskName: 'split' },
      { taskName: 'find', forEach: (prev) => prev, onItemError: 'continue' },
      {
        taskName: 'count',
        inputMapper: (results) =>
          results.flatMap((result) => {
            if (result.status === 'failed') expectTypeOf(result.error).toEqualTypeOf<ErrorJson>()
            return result.status === 'succeeded' && result.output ? [result.output] : []
          }),
      },
    ],
  })
  expectTypeOf<TrackOutputOf<typeof each>>().toEqualTypeOf<{ count: number }>()
  defineTrack({ name: 'Halting', tasks: [{ taskName: 'split' }, { taskName: 'find', forEach: (prev) => prev, onItemError: 'halt' }] })
  // @ts-expect-error - there is no such policy
  defineTrack({ name: 'Odd', tasks: [{ taskName: 'split' }, { taskName: 'find', forEach: (prev) => prev, onItemError: 'Halt' }] })
  // @ts-expect-error - the step runs once
  defineTrack({ name: 'Once', tasks: [{ taskName: 'split', onItemError: 'halt' }] })
})

test('a final task that takes the outputs by name as they are needs no mapper; another does', () => {
  const counting = defineTrack({ name: 'Counting', tasks: [{ taskName: 'count' }] })
  defineOrchestrator({ name: 'Reporting', tracks: [counting], finalTask: { taskName: 'report' } })
  // @ts-expect-error - Property 'inputMapper' is missing: it takes a list
  defineOrchestrator({ name: 'Recounting', tracks: [counting], finalTask: { taskName: 'count' } })
  // @ts-expect-error - with "continue" the output may be missing
  defineOrchestrator({ name: 'Perhaps', tracks: [counting], onTrackFailure: 'continue', finalTask: { taskName: 'report' } })
})
