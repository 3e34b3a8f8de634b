import { forRegistry } from '@track-orchestrator/core'
import { testTrack } from '@track-orchestrator/core/testing'
import { taskSuite } from '@track-orchestrator/registry/testing'
import { expect, test } from 'vitest'
import { {{camel}}CountWords, {{camel}}Tasks } from './contracts.ts'
import { createCountWordsHandler } from './count-words.ts'
import { create{{pascal}}Handlers } from './index.ts'

taskSuite({
  contract: {{camel}}CountWords,
  handler: () => createCountWordsHandler(),
  examples: { 'a sentence': () => ({ text: 'to be or not to be' }), 'no text': () => ({ text: '' }) },
  refuses: {
    'a number': { input: { text: 1 }, path: 'text' },
    'words of no letters': { input: { text: 'a', minLetters: 0 }, path: 'minLetters' },
  },
})

test('short words do not count where longer ones are asked for', async () => {
  const track = forRegistry({{camel}}Tasks).defineTrack({ name: 'LongWords', tasks: [{ taskName: '{{snake}}_count_words' }] })
  const result = await testTrack({ track, handlers: create{{pascal}}Handlers() }).run({ text: 'to be or maybe not', minLetters: 3 })
  expect(result).toMatchObject({ status: 'succeeded', output: { words: 2 } })
})

test('words may be parted by something else', async () => {
  const track = forRegistry({{camel}}Tasks).defineTrack({ name: 'Lines', tasks: [{ taskName: '{{snake}}_count_words' }] })
  const result = await testTrack({ track, handlers: create{{pascal}}Handlers({ separator: /,/ }) }).run({ text: 'a b,c' })
  expect(result).toMatchObject({ output: { words: 2 } })
})
