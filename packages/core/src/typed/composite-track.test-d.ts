import type { BaseFields, TrampData } from '@track-orchestrator/registry'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { defineCompositeTrack, defineTrack, ingest, speech, thumbs, transcript } from './example-tasks.test-d.ts'
import type { TrackInputOf, TrackOutputOf } from './track.ts'

test('mergeStrategy gets the outputs in order and by name, and makes the output', () => {
  const report = defineCompositeTrack({
    name: 'Report',
    type: 'composite',
    input: z.object({ url: z.string(), title: z.string().default('') }),
    tasks: [{ taskName: 'download' }, { taskName: 'probe', when: (prev) => prev.bytes > 0 }],
    subTracks: [thumbs, transcript],
    concurrency: 2,
    mergeStrategy: (outputs, context) => {
      expectTypeOf<[...typeof outputs]>().toEqualTypeOf<[{ imagePath: string }, { summary: string }]>()
      expectTypeOf({ ...context.byName }).toEqualTypeOf<{ Thumbs: { imagePath: string }; Transcript: { summary: string } }>()
      expectTypeOf(context.originalInput).toEqualTypeOf<{ url: string; title: string } & BaseFields>()
      expectTypeOf(context.outputs.download).toEqualTypeOf<{ path: string; bytes: number }>()
      expectTypeOf(context.outputs.probe?.durationSeconds).toEqualTypeOf<number | undefined>()
      expectTypeOf(context.trampData).toEqualTypeOf<TrampData | undefined>()
      return { title: context.originalInput.title, image: outputs[0].imagePath, text: context.byName.Transcript.summary }
    },
  })
  expectTypeOf<TrackInputOf<typeof report>>().toEqualTypeOf<{ url: string; title?: string | undefined }>()
  expectTypeOf<TrackOutputOf<typeof report>>().toEqualTypeOf<{ title: string; image: string; text: string }>()
})

test('mergeStrategy may take its time: the output is what it comes to', () => {
  const merged = defineCompositeTrack({
    name: 'Merged',
    type: 'composite',
    subTracks: [thumbs],
    mergeStrategy: async ([thumb]) => {
      await Promise.resolve()
      return { image: thumb.imagePath }
    },
  })
  expectTypeOf<TrackOutputOf<typeof merged>>().toEqualTypeOf<{ image: string }>()
})

test('without mergeStrategy the output is the outputs by name; without tasks the input is what all sub-tracks take', () => {
  const analysis = defineCompositeTrack({ name: 'Analysis', type: 'composite', subTracks: [thumbs, transcript] })
  expectTypeOf<TrackOutputOf<typeof analysis>>().toEqualTypeOf<{
    readonly Thumbs: { imagePath: string }
    readonly Transcript: { summary: string }
  }>()
  expectTypeOf<TrackInputOf<typeof analysis>>().toEqualTypeOf<{ path: string } & { path: string; language?: string | undefined }>()
})

test('composite tracks nest', () => {
  const inner = defineCompositeTrack({ name: 'Inner', type: 'composite', subTracks: [thumbs] })
  const outer = defineCompositeTrack({ name: 'Outer', type: 'composite', subTracks: [inner, transcript] })
  expectTypeOf<TrackOutputOf<typeof outer>>().toEqualTypeOf<{
    readonly Inner: { readonly Thumbs: { imagePath: string } }
    readonly Transcript: { summary: string }
  }>()
})

test('a mergeStrategy that reads what is not there is marked', () => {
  defineCompositeTrack({
    name: 'x',
    type: 'composite',
    subTracks: [thumbs, transcript],
    // @ts-expect-error not a sub-track
    mergeStrategy: (_outputs, { byName }) => byName.Ingest,
  })
  defineCompositeTrack({
    name: 'x',
    type: 'composite',
    subTracks: [thumbs, transcript],
    // @ts-expect-error the first is Thumbs: order counts
    mergeStrategy: (outputs) => outputs[0].summary,
  })
})

test('a sub-track that does not take what it would receive is marked', () => {
  defineCompositeTrack({
    name: 'x',
    type: 'composite',
    tasks: [{ taskName: 'download' }],
    subTracks: [
      thumbs,
      // @ts-expect-error receives { path, bytes }, needs { url }
      ingest,
    ],
  })
  defineCompositeTrack({
    name: 'x',
    type: 'composite',
    input: speech,
    subTracks: [
      // @ts-expect-error receives the input, needs { path }
      thumbs,
      // @ts-expect-error one that is defined on the spot: receives the input, needs { text }
      defineTrack({ name: 'Sum', tasks: [{ taskName: 'summarize' }] }),
    ],
  })
})

test('the tasks of a composite are checked as those of a track', () => {
  defineCompositeTrack({
    name: 'x',
    type: 'composite',
    subTracks: [thumbs],
    tasks: [
      { taskName: 'download' },
      // @ts-expect-error mapper missing
      { taskName: 'extract_audio' },
      { taskName: 'probe', inputMapper: () => ({ path: '' }) },
    ],
  })
})

test('a composite says so', () => {
  // @ts-expect-error type missing
  defineCompositeTrack({ name: 'x', subTracks: [thumbs] })
})

test('the output of a race is that of one of its sub-tracks', () => {
  const fastest = defineCompositeTrack({ name: 'Fastest', type: 'composite', mode: 'race', subTracks: [thumbs, transcript] })
  expectTypeOf<TrackOutputOf<typeof fastest>>().toEqualTypeOf<{ imagePath: string } | { summary: string }>()
  const track = defineCompositeTrack({
    name: 'Merging',
    type: 'composite',
    mode: 'race',
    subTracks: [thumbs, transcript],
    // @ts-expect-error RaceHasOneOutput
    mergeStrategy: () => ({ merged: true }),
  })
  expectTypeOf<TrackOutputOf<typeof track>>().not.toBeAny()
})
