import { expectTypeOf, test } from 'vitest'
import type { CarriedData } from './context.ts'
import { defineCompositeTrack, defineTrack, thumbs } from './example-tasks.test-d.ts'
import type { TrackInputOf, TrackOutputOf } from './track.ts'

type Downloaded = { path: string; bytes: number }
type Probed = { path: string; durationSeconds: number; hasAudio: boolean }
declare const flag: boolean

const common = [{ taskName: 'download' }, { taskName: 'probe' }] as const
const probe = { taskName: 'probe' } as const

test('steps of a shared list are checked and seen as if they stood there', () => {
  const track = defineTrack({
    name: 'Shared',
    tasks: [
      ...common,
      {
        taskName: 'thumbnail',
        inputMapper: (prev, original, { outputs }) => {
          expectTypeOf(prev).toEqualTypeOf<Probed & CarriedData>()
          expectTypeOf(original.url).toEqualTypeOf<string>()
          expectTypeOf({ ...outputs }).toEqualTypeOf<{ download: Downloaded; probe: Probed }>()
          return { path: prev.path, atSeconds: outputs.probe.durationSeconds }
        },
      },
      { taskName: 'upload', inputMapper: (prev, _original, { outputs }) => ({ path: prev.imagePath, key: outputs.probe.path }) },
    ],
  })
  expectTypeOf<TrackInputOf<typeof track>>().toEqualTypeOf<{ url: string }>()
  expectTypeOf<TrackOutputOf<typeof track>>().toEqualTypeOf<{ url: string }>()
})

test('a list may be spread in the middle, and steps around it keep their literals', () => {
  const track = defineTrack({
    name: 'Middle',
    tasks: [
      { taskName: 'upload', inputMapper: (prev) => ({ path: prev.path, key: 'k' }) },
      ...common,
      { taskName: 'extract_audio', inputMapper: (prev) => ({ path: prev.path, codec: 'mp3' }) },
      { taskName: 'extract_audio', id: 'again', inputMapper: () => ({ path: '', codec: 'wav' }) },
    ],
  })
  expectTypeOf<TrackOutputOf<typeof track>>().toEqualTypeOf<{ audioPath: string }>()
})

test('what does not fit beside a shared list is marked', () => {
  defineTrack({
    name: 'x',
    // @ts-expect-error { path, durationSeconds, hasAudio } lacks `codec`: mapper missing. Beside a spread, the list as a whole is marked
    tasks: [
      ...common,
      { taskName: 'extract_audio' },
    ],
  })
  defineTrack({
    name: 'x',
    tasks: [
      ...common,
      // @ts-expect-error no such field on the previous output
      { taskName: 'extract_audio', inputMapper: (prev) => ({ path: prev.pth, codec: 'mp3' }) },
    ],
  })
  defineTrack({
    name: 'x',
    // @ts-expect-error one of the list is called so
    tasks: [...common, { taskName: 'probe', inputMapper: () => ({ path: '' }) }],
  })
  defineTrack({
    name: 'x',
    // @ts-expect-error misspelt: `size`
    tasks: [...common, { taskName: 'chunk', inputMapper: (prev) => ({ text: prev.path, siz: 3 }) }],
  })
})

test('a step on a condition may not be there: outputs tell, and the previous output is the last that exists', () => {
  const track = defineTrack({
    name: 'Conditional',
    tasks: [
      { taskName: 'download' },
      ...(flag ? [probe] : []),
      {
        taskName: 'thumbnail',
        inputMapper: (prev, _original, { outputs }) => {
          expectTypeOf(prev).toEqualTypeOf<(Downloaded & CarriedData) | (Probed & CarriedData)>()
          expectTypeOf({ ...outputs }).toEqualTypeOf<{ download: Downloaded; probe: Probed | undefined }>()
          return { path: prev.path, atSeconds: outputs.probe?.durationSeconds ?? 0 }
        },
      },
    ],
  })
  expectTypeOf<TrackOutputOf<typeof track>>().toEqualTypeOf<{ imagePath: string }>()
  const last = defineTrack({ name: 'Last', tasks: [{ taskName: 'download' }, ...(flag ? [probe] : [])] })
  expectTypeOf<TrackOutputOf<typeof last>>().toEqualTypeOf<Downloaded | Probed>()
  const first = defineTrack({ name: 'First', tasks: [...(flag ? [probe] : []), { taskName: 'thumbnail', inputMapper: (prev) => ({ path: prev.path, atSeconds: 1 }) }] })
  expectTypeOf<TrackInputOf<typeof first>['path']>().toEqualTypeOf<string>()
})

test('a step on a condition is checked against what comes before it, and what follows against both', () => {
  defineTrack({
    name: 'x',
    // @ts-expect-error { summary } is not what probe takes
    tasks: [
      { taskName: 'summarize' },
      ...(flag ? [probe] : []),
      { taskName: 'download', inputMapper: () => ({ url: '' }) },
    ],
  })
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'download' },
      ...(flag ? [probe] : []),
      // @ts-expect-error without the probe there is no duration
      { taskName: 'thumbnail', inputMapper: (prev) => ({ path: prev.path, atSeconds: prev.durationSeconds }) },
    ],
  })
})

test('of several steps on conditions the order is not known: what follows them gets anything', () => {
  const track = defineTrack({
    name: 'Several',
    tasks: [
      { taskName: 'download' },
      ...(flag ? [probe] : []),
      ...(flag ? [{ taskName: 'notify', inputMapper: () => ({ url: '', body: 1 }) } as const] : []),
      { taskName: 'thumbnail', inputMapper: (prev, original) => ({ path: prev.path, atSeconds: original.url.length }) },
    ],
  })
  expectTypeOf<TrackInputOf<typeof track>>().toEqualTypeOf<{ url: string }>()
  expectTypeOf<TrackOutputOf<typeof track>>().toEqualTypeOf<{ imagePath: string }>()
})

test('one of two steps may stand in a place', () => {
  const either = defineTrack({
    name: 'Either',
    tasks: [
      { taskName: 'download' },
      flag ? { taskName: 'probe' } : { taskName: 'probe', inputMapper: (prev) => ({ path: prev.path }) },
      flag
        ? { taskName: 'thumbnail', inputMapper: (prev) => ({ path: prev.path, atSeconds: prev.durationSeconds }) }
        : { taskName: 'extract_audio', inputMapper: (prev) => ({ path: prev.path, codec: 'mp3' }) },
      {
        taskName: 'notify',
        inputMapper: (prev, original, { outputs }) => {
          expectTypeOf(prev).toEqualTypeOf<({ imagePath: string } & CarriedData) | ({ audioPath: string } & CarriedData)>()
          expectTypeOf(outputs.thumbnail).toEqualTypeOf<{ imagePath: string } | undefined>()
          expectTypeOf(outputs.probe).toEqualTypeOf<Probed>()
          return { url: original.url, body: prev }
        },
      },
    ],
  })
  expectTypeOf<TrackOutputOf<typeof either>>().toEqualTypeOf<{ status: number }>()
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'download' },
      // @ts-expect-error the first of the two lacks its mapper
      flag ? { taskName: 'extract_audio' } : { taskName: 'extract_audio', inputMapper: (prev) => ({ path: prev.path, codec: 'mp3' }) },
    ],
  })
})

test('composites spread, too', () => {
  defineCompositeTrack({
    name: 'Shared',
    type: 'composite',
    tasks: [...common],
    subTracks: [thumbs],
    mergeStrategy: ([thumb], { outputs }) => ({ image: thumb.imagePath, seconds: outputs.probe.durationSeconds }),
  })
})

test('a list whose names are not told is marked', () => {
  defineTrack({
    name: 'x',
    // @ts-expect-error the name is a `string`: see SpreadStepsNeedNames
    tasks: [{ taskName: 'download' }, ...(flag ? [{ taskName: 'probe' }] : []), { taskName: 'thumbnail', inputMapper: (prev) => ({ path: prev.path, atSeconds: 1 }) }],
  })
})
