import type { BaseFields } from '@track-orchestrator/registry'
import { expectTypeOf, test } from 'vitest'
import { defineTrack, speech, transcript, type Segment, type Speech } from './example-tasks.test-d.ts'
import type { TrackOutputOf } from './track.ts'

test('beside a key, the mapper gets an item of that list, and the next step sees the list of outputs', () => {
  const dubbed = defineTrack({
    name: 'Dubbed',
    input: speech,
    tasks: [
      { taskName: 'transcribe' },
      {
        taskName: 'translate',
        id: 'translated',
        forEach: 'segments',
        concurrency: 4,
        inputMapper: (item, index, original, { outputs }) => {
          expectTypeOf(item).toEqualTypeOf<Segment>()
          expectTypeOf(index).toEqualTypeOf<number>()
          expectTypeOf(original).toEqualTypeOf<Speech & BaseFields>()
          expectTypeOf({ ...outputs }).toEqualTypeOf<{ transcribe: { text: string; segments: Segment[] } }>()
          return { text: item.text, target: 'de' }
        },
      },
      {
        taskName: 'summarize',
        forEach: (prev) => {
          expectTypeOf([...prev]).toEqualTypeOf<{ text: string; target: 'de' | 'fr' }[]>()
          return prev
        },
      },
      {
        taskName: 'speak',
        forEach: (prev, original, { outputs }) =>
          prev.map((item, index) => ({ text: item.summary + (outputs.translated[index]?.text ?? ''), voiceId: original.language })),
      },
    ],
  })
  expectTypeOf<TrackOutputOf<typeof dubbed>>().toEqualTypeOf<{ audioPath: string }[]>()
})

test('items that the task takes as they are need no mapper', () => {
  const each = defineTrack({ name: 'Each', input: speech, tasks: [{ taskName: 'transcribe' }, { taskName: 'summarize', forEach: 'segments' }] })
  expectTypeOf<TrackOutputOf<typeof each>>().toEqualTypeOf<{ summary: string }[]>()
})

test('a whole track may run for each item', () => {
  const each = defineTrack({
    name: 'Each',
    input: speech,
    tasks: [{ taskName: 'transcribe' }, { track: transcript, forEach: 'segments', concurrency: 2, inputMapper: (item) => ({ path: item.text }) }],
  })
  expectTypeOf<TrackOutputOf<typeof each>>().toEqualTypeOf<{ summary: string }[]>()
})

test('the key must be that of a list', () => {
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      { taskName: 'transcribe' },
      // @ts-expect-error a text
      { taskName: 'summarize', forEach: 'text' },
    ],
  })
})

test('items that the task does not take need a mapper', () => {
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      { taskName: 'transcribe' },
      // @ts-expect-error an item lacks `target`: mapper missing
      { taskName: 'translate', forEach: 'segments' },
    ],
  })
})

test('a mapper that reads what the item does not have is marked', () => {
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      { taskName: 'transcribe' },
      {
        taskName: 'translate',
        forEach: 'segments',
        // @ts-expect-error no such field on the item
        inputMapper: (item) => ({ text: item.txt, target: 'de' }),
      },
    ],
  })
})

test('a function gives inputs of the task', () => {
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      { taskName: 'transcribe' },
      {
        taskName: 'translate',
        // @ts-expect-error items, not inputs of the task
        forEach: (prev) => prev.segments,
      },
    ],
  })
})

test('beside a function there is no mapper', () => {
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      { taskName: 'transcribe' },
      {
        taskName: 'translate',
        forEach: (prev) => prev.segments,
        // @ts-expect-error see ForEachFunctionReturnsTaskInputs
        inputMapper: (item) => ({ text: item.text, target: 'de' }),
      },
    ],
  })
})

declare function over<Item, Input>(items: readonly Item[], mapper: (item: Item, index: number) => Input): readonly Input[]
declare function overLater<Arguments extends unknown[], Item, Input>(
  items: (...list: Arguments) => readonly Item[],
  mapper: (item: Item) => Input,
): (...list: Arguments) => readonly Input[]

test('a helper works inside the function, not in its place: there, the previous output is not known yet', () => {
  defineTrack({
    name: 'Inside',
    input: speech,
    tasks: [{ taskName: 'transcribe' }, { taskName: 'translate', forEach: (prev) => over(prev.segments, (item) => ({ text: item.text, target: 'de' })) }],
  })
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      { taskName: 'transcribe' },
      // @ts-expect-error `prev` and `item` are unknown
      { taskName: 'translate', forEach: overLater((prev) => prev.segments, (item) => ({ text: item.text, target: 'de' })) },
    ],
  })
})

test('concurrency is for steps with forEach', () => {
  defineTrack({
    name: 'x',
    input: speech,
    tasks: [
      // @ts-expect-error runs once
      { taskName: 'transcribe', concurrency: 2 },
    ],
  })
})
