import { expectTypeOf, test } from 'vitest'
import { defineTrack } from './example-tasks.test-d.ts'
import type { TrackInputOf, TrackOutputOf } from './track.ts'

test('a step that waits hands on what came before it, and takes nothing away from the steps around it', () => {
  const track = defineTrack({
    name: 'Waiting',
    tasks: [
      { waitMs: 1_000 },
      { taskName: 'download' },
      {
        id: 'later',
        waitUntil: (prev, original, { outputs }) => {
          expectTypeOf(prev.bytes).toEqualTypeOf<number>()
          expectTypeOf(original.url).toEqualTypeOf<string>()
          expectTypeOf(outputs.download.path).toEqualTypeOf<string>()
          return new Date(prev.bytes)
        },
        when: (prev) => prev.bytes > 0,
      },
      { taskName: 'probe', inputMapper: (prev) => ({ path: prev.path }) },
    ],
  })
  expectTypeOf<TrackInputOf<typeof track>>().toEqualTypeOf<{ url: string }>()
  expectTypeOf<TrackOutputOf<typeof track>>().toExtend<{ durationSeconds: number }>()
})

test('a step that waits until a moment needs no name to be given the previous output', () => {
  defineTrack({
    name: 'Waiting',
    tasks: [
      { taskName: 'download' },
      {
        waitUntil: (prev, original, { outputs }) => {
          expectTypeOf(prev.bytes).toEqualTypeOf<number>()
          expectTypeOf(original.url).toEqualTypeOf<string>()
          expectTypeOf(outputs.download.path).toEqualTypeOf<string>()
          return prev.bytes
        },
      },
      { taskName: 'probe' },
    ],
  })
  defineTrack({ name: 'Waiting', tasks: [{ taskName: 'download' }, { waitUntil: ({ bytes }) => new Date(bytes), when: ({ bytes }) => bytes > 0 }, { taskName: 'probe', inputMapper: ({ path }) => ({ path }) }] })
  // @ts-expect-error Property 'byte' does not exist
  defineTrack({ name: 'Waiting', tasks: [{ taskName: 'download' }, { waitUntil: (prev) => prev.byte }] })
})

test('what says how something is run is marked', () => {
  // @ts-expect-error WaitRunsNothing
  defineTrack({ name: 'Waiting', tasks: [{ taskName: 'download' }, { waitMs: 5, retry: { maxAttempts: 1 } }] })
  // @ts-expect-error a text is no time
  defineTrack({ name: 'Waiting', tasks: [{ taskName: 'download' }, { waitMs: '5 s' }] })
  // @ts-expect-error StepIdTaken<'wait'>
  defineTrack({ name: 'Waiting', tasks: [{ waitMs: 5 }, { waitMs: 5 }] })
  // @ts-expect-error a moment is no boolean
  defineTrack({ name: 'Waiting', tasks: [{ taskName: 'download' }, { waitUntil: () => true }] })
})
