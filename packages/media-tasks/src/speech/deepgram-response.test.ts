import { describe, expect, test } from 'vitest'
import { readDeepgramResponse } from './deepgram-response.ts'

const hello = { word: 'hello', punctuated_word: 'Hello,', start: 0.08, end: 0.4, confidence: 0.99, speaker: 0, speaker_confidence: 0.7 }
const there = { word: 'there', punctuated_word: 'there.', start: 0.4, end: 0.9, confidence: 0.97, speaker: 1 }
const channel = (...words: object[]) => ({ alternatives: [{ transcript: words.length === 0 ? '' : 'x', confidence: 0.98, words }], detected_language: 'en' })
const read = (results: object, metadata: object = {}) => readDeepgramResponse({ metadata, results }, 'deepgram')

describe("Deepgram's answer", () => {
  test('becomes a transcript with words, speakers, model and language', () => {
    const model = { model_info: { 'a1b2-c3': { name: '2-general-nova', version: '2024-01-18', arch: 'nova-2' } } }
    const utterance = { start: 0.08, end: 0.9, confidence: 0.98, channel: 0, transcript: 'Hello, there.', words: [hello, there], speaker: 0, id: 'u-0' }
    expect(read({ channels: [channel(hello, there)], utterances: [utterance] }, model)).toEqual({
      provider: 'deepgram',
      model: '2-general-nova',
      language: 'en',
      words: [
        { text: 'Hello,', startSeconds: 0.08, endSeconds: 0.4, confidence: 0.99, speaker: 0 },
        { text: 'there.', startSeconds: 0.4, endSeconds: 0.9, confidence: 0.97, speaker: 1 },
      ],
      utterances: [{ text: 'Hello, there.', startSeconds: 0.08, endSeconds: 0.9, confidence: 0.98, speaker: 0 }],
    })
  })

  test('may lack utterances: they are made of the words, by speaker and silence', () => {
    const later = { ...there, start: 5, end: 5.5 }
    expect(read({ channels: [channel(hello, there, later)] })?.utterances.map(({ text }) => text)).toEqual(['Hello,', 'there.', 'there.'])
  })

  test('may lack punctuation, speakers and confidence', () => {
    expect(read({ channels: [channel({ word: 'hi', start: 1, end: 2 })] })?.words).toEqual([{ text: 'hi', startSeconds: 1, endSeconds: 2 }])
  })

  test('with several channels has one speaker in each, in order of time', () => {
    const words = read({ channels: [channel(there), channel(hello)] })?.words
    expect(words?.map(({ text, speaker }) => [text, speaker])).toEqual([['Hello,', 1], ['there.', 0]]) // prettier-ignore
  })

  test('may hold nonsense, which is passed over or brought into bounds', () => {
    const words = [null, 7, { word: 'no times' }, { word: 'NaN', start: 'x', end: 2 }, { word: 'back', start: 3, end: 2, confidence: 1.2, speaker: -1 }, { start: 1, end: 2 }]
    expect(read({ channels: [{ alternatives: [{ words }] }, { alternatives: 'none' }], utterances: {} })?.words).toEqual([
      { text: 'no times', startSeconds: 0, endSeconds: expect.closeTo(2.18, 1) as number, speaker: 0 },
      { text: 'NaN', startSeconds: expect.closeTo(2.18, 1) as number, endSeconds: 3, speaker: 0 },
      { text: 'back', startSeconds: 3, endSeconds: 3, confidence: 1, speaker: 0 },
    ])
  })

  test.each([[undefined], [null], [[]], ['text'], [{}], [{ results: {} }], [{ err_code: 'INVALID_AUTH', err_msg: 'no' }]])('is not %j', (json) => {
    expect(readDeepgramResponse(json, 'deepgram')).toBeUndefined()
  })

  test('may hold a text and nothing else: it lasts as long as the sound, and is no transcript where nobody knows how long', () => {
    const results = { channels: [{ alternatives: [{ transcript: 'Hello world, how are you?', words: [] }] }] }
    const utterances = [{ text: 'Hello world, how are you?', startSeconds: 0, endSeconds: 3 }]
    expect(readDeepgramResponse({ results }, 'deepgram', 3)).toMatchObject({ words: [], utterances })
    expect(read(results, { duration: 3 })).toMatchObject({ words: [], utterances })
    expect(read(results)).toBeUndefined()
  })

  test('of a language without spaces has none in its utterances', () => {
    const words = ['今', '天', '很', '好，', '去', '公', '园。'].map((word, place) => ({ word, start: place, end: place + 1 }))
    expect(read({ channels: [channel(...words)], utterances: [{ start: 0, end: 7, transcript: '今 天 很 好， 去 公 园。' }] })?.utterances[0]?.text).toBe('今天很好，去公园。')
    expect(read({ channels: [channel(...words)] })?.utterances[0]?.text).toBe('今天很好，去公园。')
  })

  test('may hold no words at all, when nobody spoke', () => {
    expect(read({ channels: [channel()] })).toMatchObject({ words: [], utterances: [] })
  })
})
