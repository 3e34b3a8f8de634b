import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { defineTrack } from './example-tasks.test-d.ts'
import type { TrackInputOf, TrackOutputOf } from './track.ts'

const review = z.object({ path: z.string(), note: z.string().default('') })

test('a step that asks hands on its answer; without a schema, what came before it', () => {
  const track = defineTrack({
    name: 'Asking',
    tasks: [
      { taskName: 'download' },
      {
        approve: 'go_on',
        timeoutMs: 1_000,
        input: (prev, original, { outputs }) => {
          expectTypeOf(prev.bytes).toEqualTypeOf<number>()
          expectTypeOf(original.url).toEqualTypeOf<string>()
          return outputs.download.path
        },
      },
      {
        approve: 'review',
        schema: review,
        timeoutMs: 1_000,
        when: (prev, _original, { outputs }) => {
          expectTypeOf(outputs.go_on).toEqualTypeOf<undefined>()
          return prev.bytes > 0
        },
        onTimeout: { fallback: { path: 'x', note: '' } },
      },
      {
        taskName: 'probe',
        inputMapper: (prev, _original, { outputs }) => {
          expectTypeOf(outputs.review).toEqualTypeOf<{ path: string; note: string } | undefined>()
          return { path: prev.path }
        },
      },
    ],
  })
  expectTypeOf<TrackInputOf<typeof track>>().toEqualTypeOf<{ url: string }>()
  expectTypeOf<TrackOutputOf<typeof track>>().toExtend<{ durationSeconds: number }>()
})

test('an answer that may be missing is told so, and one that surely comes is there', () => {
  const asks = { approve: 'review', schema: review, timeoutMs: 1_000 } as const
  defineTrack({ name: 'Asking', tasks: [{ taskName: 'download' }, asks, { taskName: 'probe', inputMapper: ({ note }) => (expectTypeOf(note).toEqualTypeOf<string>(), { path: note }) }] })
  defineTrack({
    name: 'Asking',
    tasks: [
      { taskName: 'download' },
      { ...asks, onTimeout: 'skip' },
      { taskName: 'probe', inputMapper: (_prev, _original, { outputs }) => (expectTypeOf(outputs.review).toEqualTypeOf<{ path: string; note: string } | undefined>(), { path: '' }) },
    ],
  })
})

test('what does not fit is marked', () => {
  // @ts-expect-error timeoutMs is missing
  defineTrack({ name: 'Asking', tasks: [{ taskName: 'download' }, { approve: 'review' }] })
  // @ts-expect-error QuestionRunsNothing
  defineTrack({ name: 'Asking', tasks: [{ taskName: 'download' }, { approve: 'review', timeoutMs: 1, retry: { maxAttempts: 1 } }] })
  // @ts-expect-error QuestionRunsNothing
  defineTrack({ name: 'Asking', tasks: [{ taskName: 'download', approve: 'review', timeoutMs: 1 }] })
  // @ts-expect-error a fallback stands in for an answer
  defineTrack({ name: 'Asking', tasks: [{ taskName: 'download' }, { approve: 'review', schema: review, timeoutMs: 1, onTimeout: { fallback: { path: 1 } } }] })
  // @ts-expect-error yes or no has no fallback
  defineTrack({ name: 'Asking', tasks: [{ taskName: 'download' }, { approve: 'review', timeoutMs: 1, onTimeout: { fallback: true } }] })
  // @ts-expect-error UnknownStepProperty<'schema'>
  defineTrack({ name: 'Asking', tasks: [{ taskName: 'download', schema: review }] })
  // @ts-expect-error StepIdTaken<'review'>
  defineTrack({ name: 'Asking', tasks: [{ taskName: 'download' }, { approve: 'review', timeoutMs: 1 }, { approve: 'review', timeoutMs: 1 }] })
})
