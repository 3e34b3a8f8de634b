import { expectTypeOf, test } from 'vitest'
import { defineCompositeTrack, defineTrack, ingest, thumbs, transcript } from './example-tasks.test-d.ts'
import type { TrackInputOf, TrackOutputOf } from './track.ts'

const analysis = defineCompositeTrack({ name: 'Analysis', type: 'composite', subTracks: [thumbs, transcript] })

test('a track as a step goes by its name, or by its id', () => {
  const published = defineTrack({
    name: 'Published',
    tasks: [
      { track: ingest },
      { track: analysis, id: 'looked', when: (prev) => prev.hasAudio, inputMapper: (prev) => ({ path: prev.path, language: 'en' }) },
      {
        taskName: 'upload',
        inputMapper: (_prev, original, { outputs }) => {
          expectTypeOf({ ...outputs }).toEqualTypeOf<{
            Ingest: { path: string; durationSeconds: number; hasAudio: boolean }
            looked: { readonly Thumbs: { imagePath: string }; readonly Transcript: { summary: string } } | undefined
          }>()
          return { path: outputs.looked?.Thumbs.imagePath ?? outputs.Ingest.path, key: original.url }
        },
      },
    ],
  })
  expectTypeOf<TrackInputOf<typeof published>>().toEqualTypeOf<{ url: string }>()
  expectTypeOf<TrackOutputOf<typeof published>>().toEqualTypeOf<{ url: string }>()
})

test('a track that does not take the previous output needs a mapper', () => {
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'summarize' },
      // @ts-expect-error { summary } is not what Ingest takes: mapper missing
      { track: ingest },
    ],
  })
})

test('a mapper that gives the wrong input is marked', () => {
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'summarize' },
      // @ts-expect-error Ingest takes { url }
      { track: ingest, inputMapper: (prev) => ({ uri: prev.summary }) },
    ],
  })
})

test('a step is either a task or a track', () => {
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'download' },
      // @ts-expect-error both
      { track: thumbs, taskName: 'probe' },
    ],
  })
})

test('the track must be a typed one', () => {
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'download' },
      // @ts-expect-error an untyped definition
      { track: { name: 'Raw', tasks: [] } },
    ],
  })
})

test('retries and times belong to the tasks inside', () => {
  defineTrack({
    name: 'x',
    tasks: [
      // @ts-expect-error a track has none
      { track: ingest, retry: { maxAttempts: 3 } },
      // @ts-expect-error a track has none
      { track: thumbs, timeoutMs: 1_000 },
      // @ts-expect-error a track has none
      { track: thumbs, placement: { inline: true } },
    ],
  })
})

test('the same track twice needs an id', () => {
  defineTrack({
    name: 'x',
    tasks: [
      { track: thumbs },
      // @ts-expect-error Thumbs is taken
      { track: thumbs, inputMapper: (prev) => ({ path: prev.imagePath }) },
    ],
  })
})
