import { expectTypeOf, test } from 'vitest'
import type { CarriedData } from './context.ts'
import { defineTrack, speech, type Segment } from './example-tasks.test-d.ts'
import type { TrackOutputOf } from './track.ts'

interface Transcription {
  text: string
  segments: Segment[]
}
interface Translation {
  text: string
  target: 'de' | 'fr'
}

test('what a step may leave undone is undefined in outputs, and the previous output is the last that exists', () => {
  const careful = defineTrack({
    name: 'Careful',
    input: speech,
    tasks: [
      { taskName: 'transcribe' },
      {
        taskName: 'translate',
        when: (prev, original, { outputs }) => prev.text !== '' && original.language !== 'de' && outputs.transcribe.segments.length > 0,
        inputMapper: (prev) => ({ text: prev.text, target: 'de' }),
      },
      { taskName: 'summarize', onError: 'continue' }, // takes the translation and, if that was skipped, the transcription
      {
        taskName: 'speak',
        onError: { fallback: { audioPath: 'silence.mp3' } },
        inputMapper: (prev, _original, { outputs }) => {
          expectTypeOf(prev).toEqualTypeOf<({ summary: string } | Translation | Transcription) & CarriedData>()
          expectTypeOf(outputs.translate).toEqualTypeOf<Translation | undefined>()
          expectTypeOf(outputs.summarize).toEqualTypeOf<{ summary: string } | undefined>()
          return { text: outputs.summarize?.summary ?? '', voiceId: '' }
        },
      },
      {
        taskName: 'transcribe',
        id: 'check',
        onError: 'halt',
        inputMapper: (prev) => {
          expectTypeOf(prev).toEqualTypeOf<{ audioPath: string } & CarriedData>()
          return { ...prev, language: '' }
        },
      },
      { taskName: 'summarize', id: 'each', forEach: 'segments', when: () => true },
    ],
  })
  expectTypeOf<TrackOutputOf<typeof careful>>().toEqualTypeOf<{ summary: string }[] | Transcription>()
})

test('with forEach, the fallback stands for the list', () => {
  defineTrack({
    name: 'Listed',
    input: speech,
    tasks: [{ taskName: 'transcribe' }, { taskName: 'summarize', forEach: 'segments', onError: { fallback: [{ summary: '' }] } }],
  })
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      { taskName: 'transcribe' },
      // @ts-expect-error not a list
      { taskName: 'summarize', forEach: 'segments', onError: { fallback: { summary: '' } } },
    ],
  })
})

test('a step after one that may be skipped must take either previous output', () => {
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      { taskName: 'transcribe', when: (prev) => prev.language !== '' },
      // @ts-expect-error if that is skipped, the previous output is the input, which has no `text`: mapper missing
      { taskName: 'summarize' },
    ],
  })
})

test('an output that may be missing has to be asked for with care', () => {
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      { taskName: 'transcribe', when: () => true },
      // @ts-expect-error possibly undefined
      { taskName: 'summarize', inputMapper: (_prev, _original, { outputs }) => ({ text: outputs.transcribe.text }) },
    ],
  })
})

test('when answers yes or no, from what is there', () => {
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      // @ts-expect-error no such field
      { taskName: 'transcribe', when: (prev) => prev.lang !== '' },
      // @ts-expect-error not a boolean
      { taskName: 'transcribe', id: 'again', when: (_prev, original) => original.language, inputMapper: () => ({ audioPath: '', language: '' }) },
    ],
  })
})

test('onError knows its policies, and a fallback is a whole output', () => {
  defineTrack({
    name: 'x',
    tasks: [
      // @ts-expect-error bytes missing
      { taskName: 'download', onError: { fallback: { path: '' } } },
      // @ts-expect-error unknown policy
      { taskName: 'probe', onError: 'ignore' },
    ],
  })
})
