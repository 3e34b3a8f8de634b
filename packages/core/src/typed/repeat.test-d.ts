import { expectTypeOf, test } from 'vitest'
import { defineTrack, thumbs, transcript } from './example-tasks.test-d.ts'
import type { TrackInputOf, TrackOutputOf } from './track.ts'

test('until and next are given what the track hands on, and next gives what it takes', () => {
  const track = defineTrack({
    name: 'Repeated',
    tasks: [
      {
        track: transcript,
        id: 'refined',
        repeat: {
          until: (output, times) => {
            expectTypeOf({ ...output }).toEqualTypeOf<{ summary: string }>()
            expectTypeOf(times).toEqualTypeOf<number>()
            return output.summary.length < 10
          },
          maxTimes: 5,
          next: (output) => ({ path: output.summary, language: 'en' }),
        },
      },
      {
        taskName: 'notify',
        inputMapper: (prev, original, { outputs }) => {
          expectTypeOf(prev.summary).toEqualTypeOf<string>()
          expectTypeOf({ ...outputs }).toEqualTypeOf<{ refined: { summary: string } }>()
          return { url: original.path, body: prev.summary }
        },
      },
    ],
  })
  expectTypeOf<TrackInputOf<typeof track>['path']>().toEqualTypeOf<string>()
  expectTypeOf<TrackOutputOf<typeof track>>().toEqualTypeOf<{ status: number }>()
})

test('beside a mapper, a when and a fallback it is as any other step', () => {
  const track = defineTrack({
    name: 'Repeated',
    tasks: [
      { taskName: 'probe' },
      { track: thumbs, when: (prev) => prev.hasAudio, inputMapper: (prev) => ({ path: prev.path }), repeat: { until: ({ imagePath }) => imagePath !== '', maxTimes: 3 }, onError: { fallback: { imagePath: '' } } },
    ],
  })
  expectTypeOf<TrackOutputOf<typeof track>>().toEqualTypeOf<{ imagePath: string } | { path: string; durationSeconds: number; hasAudio: boolean }>()
})

test('what does not fit is marked', () => {
  // @ts-expect-error maxTimes is missing
  defineTrack({ name: 'x', tasks: [{ track: thumbs, repeat: { until: () => true } }] })
  // @ts-expect-error until is missing
  defineTrack({ name: 'x', tasks: [{ track: thumbs, repeat: { maxTimes: 2 } }] })
  // @ts-expect-error an answer is yes or no
  defineTrack({ name: 'x', tasks: [{ track: thumbs, repeat: { until: () => 1, maxTimes: 2 } }] })
  // @ts-expect-error Thumbs hands on no path
  defineTrack({ name: 'x', tasks: [{ track: thumbs, repeat: { until: (output) => output.path === '', maxTimes: 2 } }] })
  // @ts-expect-error Thumbs takes { path }
  defineTrack({ name: 'x', tasks: [{ track: thumbs, repeat: { until: () => true, maxTimes: 2, next: (output) => output } }] })
  // @ts-expect-error RepeatNeedsTrack
  defineTrack({ name: 'x', tasks: [{ taskName: 'probe', repeat: { until: () => true, maxTimes: 2 } }] })
  // @ts-expect-error RepeatsNoItems
  defineTrack({ name: 'x', tasks: [{ taskName: 'transcribe' }, { track: thumbs, forEach: () => [{ path: '' }], repeat: { until: () => true, maxTimes: 2 } }] })
  // @ts-expect-error WaitRunsNothing
  defineTrack({ name: 'x', tasks: [{ waitMs: 1, repeat: { until: () => true, maxTimes: 2 } }, { taskName: 'download' }] })
  // @ts-expect-error QuestionRunsNothing
  defineTrack({ name: 'x', tasks: [{ approve: 'sure', timeoutMs: 1, repeat: { until: () => true, maxTimes: 2 } }, { taskName: 'download' }] })
})
