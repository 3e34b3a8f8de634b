import { expect, test } from 'vitest'
import { deepgramCaptions } from './deepgram-captions.ts'

const word = (text: string, start: number) => ({ word: text, punctuated_word: text, start, end: start + 0.5, confidence: 1 })
const answer = (...utterances: object[]) => ({ results: { utterances } })

test('Captions are as Deepgram cuts them', async () => {
  expect((await deepgramCaptions(answer({ words: [word('Hello', 3_661)] })))?.text).toContain('01:01:01.000 --> 01:01:01.500\nHello')
})

test.each([
  ['without utterances', { results: { channels: [] } }],
  ['when nobody spoke', answer()],
  ['with an utterance of no words', answer({ words: [word('Hello', 1)] }, { words: [] })],
  ['with words without times', answer({ words: [{ word: 'Hello' }] })],
  ['after a day, where their clock would begin anew', answer({ words: [word('Hello', 86_400)] })],
  ['without any results', {}],
])('There are none %s', async (_, value) => {
  expect(await deepgramCaptions(value)).toBeUndefined()
})
