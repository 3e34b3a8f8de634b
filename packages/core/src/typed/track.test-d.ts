import type { BaseFields, TrampData } from '@track-orchestrator/registry'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { CarriedData } from './context.ts'
import { defineTrack, speech, type ingest, type Speech, type transcript } from './example-tasks.test-d.ts'
import type { TrackInputOf, TrackOutputOf } from './track.ts'

test('a track takes what its first task takes, and hands on what its last task gives', () => {
  expectTypeOf<TrackInputOf<typeof ingest>>().toEqualTypeOf<{ url: string }>()
  expectTypeOf<TrackOutputOf<typeof ingest>>().toEqualTypeOf<{ path: string; durationSeconds: number; hasAudio: boolean }>()
  expectTypeOf<typeof ingest.name>().toEqualTypeOf<'Ingest'>()
})

test('with a schema of its own, a track takes what that reads: defaults may be left out', () => {
  expectTypeOf<TrackInputOf<typeof transcript>>().toEqualTypeOf<{ path: string; language?: string | undefined }>()
})

test('a track without tasks hands its input on', () => {
  const nothing = defineTrack({ name: 'Nothing', input: speech, tasks: [] })
  expectTypeOf<TrackInputOf<typeof nothing>>().toEqualTypeOf<Speech>()
  expectTypeOf<TrackOutputOf<typeof nothing>>().toEqualTypeOf<Speech>()
  const anything = defineTrack({ name: 'Anything', tasks: [] })
  expectTypeOf<TrackInputOf<typeof anything>>().toEqualTypeOf<unknown>()
})

test('a mapper sees the previous output, the parsed input with base fields, and the earlier outputs by step id', () => {
  defineTrack({
    name: 'Mapped',
    input: z.object({ path: z.string(), language: z.string().default('en') }),
    tasks: [
      { taskName: 'extract_audio', id: 'audio', inputMapper: (prev) => ({ path: prev.path, codec: 'wav' }) },
      {
        taskName: 'transcribe',
        inputMapper: (prev, original, { outputs, trampData }) => {
          expectTypeOf(prev).toEqualTypeOf<{ audioPath: string } & CarriedData>()
          expectTypeOf(original).toEqualTypeOf<{ path: string; language: string } & BaseFields>()
          expectTypeOf({ ...outputs }).toEqualTypeOf<{ audio: { audioPath: string } }>()
          expectTypeOf(trampData).toEqualTypeOf<TrampData | undefined>()
          return { audioPath: outputs.audio.audioPath, language: original.language }
        },
      },
    ],
  })
})

test('a mapper gives what the task takes before parsing, and the next step sees what comes after', () => {
  defineTrack({
    name: 'Parsed',
    tasks: [
      { taskName: 'chunk', inputMapper: (prev) => ({ text: prev.text, size: '3' }) },
      {
        taskName: 'chunk',
        id: 'again',
        inputMapper: (prev) => {
          expectTypeOf(prev).toEqualTypeOf<{ parts: string[]; joiner: string } & CarriedData>()
          return { text: prev.parts.join(prev.joiner) }
        },
      },
    ],
  })
})

test('base fields may ride along in what a mapper gives', () => {
  defineTrack({ name: 'Riding', tasks: [{ taskName: 'download', inputMapper: (prev) => ({ url: prev.url, userId: 'ignored', trampData: { x: 1 } }) }] })
})

test('a mapper without parameters keeps its literals', () => {
  defineTrack({ name: 'Literal', tasks: [{ taskName: 'download' }, { taskName: 'extract_audio', inputMapper: () => ({ path: '', codec: 'mp3' }) }] })
})

test('a step may override the retries and the time of its contract', () => {
  defineTrack({ name: 'Patient', tasks: [{ taskName: 'download', retry: { maxAttempts: 9, minDelayMs: 100 }, timeoutMs: 1_000 }] })
  defineTrack({
    name: 'x',
    tasks: [
      // @ts-expect-error not a number of milliseconds
      { taskName: 'download', timeoutMs: '1s' },
      // @ts-expect-error no such property of a retry policy
      { taskName: 'probe', retry: { attempts: 9 } },
    ],
  })
})

test('an unknown task is marked, and only that', () => {
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'download' },
      // @ts-expect-error unknown task
      { taskName: 'prob' },
      { taskName: 'summarize' },
    ],
  })
})

test('a step whose task does not take the previous output needs a mapper', () => {
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'download' },
      // @ts-expect-error { path, bytes } lacks `codec`: mapper missing
      { taskName: 'extract_audio' },
      { taskName: 'transcribe', inputMapper: (prev) => ({ ...prev, language: '' }) },
    ],
  })
})

test('a mapper that gives the wrong input is marked', () => {
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'download' },
      // @ts-expect-error codec missing
      { taskName: 'extract_audio', inputMapper: (prev) => ({ path: prev.path }) },
      // @ts-expect-error not one of the codecs
      { taskName: 'extract_audio', id: 'again', inputMapper: (prev) => ({ path: prev.audioPath, codec: 'ogg' }) },
    ],
  })
})

test('a mapper that reads what is not there is marked', () => {
  defineTrack({
    name: 'x',
    tasks: [
      // @ts-expect-error no such field on the input
      { taskName: 'download', inputMapper: (_prev, original) => ({ url: original.href }) },
      // @ts-expect-error no such field on the previous output
      { taskName: 'probe', inputMapper: (prev) => ({ path: prev.pth }) },
      // @ts-expect-error the output of a later step
      { taskName: 'extract_audio', inputMapper: (_prev, _original, { outputs }) => ({ path: outputs.later.imagePath, codec: 'mp3' }) },
      { taskName: 'thumbnail', id: 'later', inputMapper: () => ({ path: '', atSeconds: 1 }) },
    ],
  })
})

test('the properties of a step and of a track are known by name', () => {
  defineTrack({
    name: 'x',
    // @ts-expect-error unknown track property
    enableLogging: true,
    tasks: [{ taskName: 'download' }],
  })
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'download' },
      // @ts-expect-error unknown step property
      { taskName: 'probe', retries: 3 },
    ],
  })
})

test('two steps with one id are marked at the second', () => {
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'download' },
      { taskName: 'probe' },
      { taskName: 'probe', id: 'second' },
      // @ts-expect-error the same task without an id again
      { taskName: 'probe' },
    ],
  })
  defineTrack({
    name: 'x',
    tasks: [
      { taskName: 'download' },
      { taskName: 'probe', id: 'first' },
      // @ts-expect-error taken
      { taskName: 'probe', id: 'first' },
    ],
  })
})
