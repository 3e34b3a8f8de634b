import { parseInput } from '@track-orchestrator/registry'
import { convertJsonToSrt, splitSrtIntoSegments } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDeepgramResponse } from '../speech/deepgram-response.ts'
import { parseSrt } from '../srt/parse-srt.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createConvertJsonToSrtHandler } from './convert-json-to-srt.ts'
import { createSplitSrtIntoSegmentsHandler } from './split-srt-into-segments.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
})
afterAll(() => media.close())

type Word = { word: string; start?: number; end?: number }
const answer = (words: readonly Word[], more: object = {}) => ({ results: { channels: [{ alternatives: [{ transcript: '', words, ...more }] }] } })

/** The cues that an answer of Deepgram's becomes in a video of 12 s, and what is said of them. */
async function cuesOf(json: unknown) {
  const transcript = readDeepgramResponse(json, 'test', 12)
  if (!transcript) return undefined
  const input = await parseInput(convertJsonToSrt, { transcript, durationSeconds: 12 })
  const { srt, notes } = await createConvertJsonToSrtHandler(media.tools)(input, createTestContext())
  return { cues: parseSrt(srt), notes }
}

const sound = [{ word: 'Hello.', start: 1, end: 1.5 }, { word: 'Bye.', start: 3, end: 3.5 }]

test('nothing is said of a transcript that is as it should be', async () => {
  expect((await cuesOf(answer(sound)))?.notes).toBeUndefined()
})

test.each([
  ['words without times', answer([sound[0]!, { word: 'Well.' }, sound[1]!]), /^1 words of the transcript came without times/, 3],
  ['a text without words', answer([], { transcript: 'Hello there.' }), /^The transcript is a text without times: it was spread/, 2],
  ['utterances of which one has no times', { results: { utterances: [{ transcript: 'Hello.', start: 1, end: 1.5 }, { transcript: 'Bye.' }] } }, /^1 utterances of the transcript came without times/, 2],
  ['words at one time', answer([{ word: 'Hello.', start: 1, end: 1 }, { word: 'Bye.', start: 1, end: 1 }]), /^2 cues began together, lasted next to nothing/, 2],
  ['words that lie over each other', answer([{ word: 'Hello.', start: 1, end: 4 }, { word: 'Bye.', start: 3, end: 3.5 }]), /^1 cues began together, lasted next to nothing or lay over each other/, 2],
  ['a word that goes on after the end', answer([sound[0]!, { word: 'Bye.', start: 11, end: 14 }]), /^1 of 2 cues went on after the end, at 12.0 s: they were cut there/, 2],
  ['a word after the end', answer([sound[0]!, { word: 'Bye.', start: 13, end: 14 }]), /^1 of 2 cues begin after the end, at 12.0 s: they were left out/, 1],
])('%s: repaired, and said', async (_, json, note, count) => {
  const made = await cuesOf(json)
  expect(made?.notes).toEqual([expect.stringMatching(note)])
  expect(made?.cues).toHaveLength(count)
  for (const [place, { startSeconds, endSeconds }] of made!.cues.entries()) {
    expect(endSeconds).toBeGreaterThan(startSeconds)
    expect(endSeconds).toBeLessThanOrEqual(12)
    expect(startSeconds).toBeGreaterThanOrEqual(made!.cues[place - 1]?.endSeconds ?? 0)
  }
})

test('utterances of which none has a time are spread over the sound where the texts are told, and else refused', async () => {
  const utterances = [{ transcript: 'Hello.' }]
  expect(readDeepgramResponse({ results: { utterances } }, 'test', 12)).toBeUndefined()
  expect(await cuesOf({ results: { ...answer([], { transcript: 'Hello.' }).results, utterances } })).toMatchObject({ cues: [{ startSeconds: 0, text: 'Hello.' }] })
})

test('of subtitles that are given, cues past the end are cut or left out, and the notes of before are kept', async () => {
  const srt = '1\n00:00:01,000 --> 00:00:02,000\nHello.\n\n2\n00:00:03,000 --> 00:00:09,000\nBye.\n\n3\n00:00:06,000 --> 00:00:07,000\nStill here?\n'
  const input = await parseInput(splitSrtIntoSegments, { srt, durationSeconds: 5, notes: ['before'] })
  const { segments, notes } = await createSplitSrtIntoSegmentsHandler()(input, createTestContext())
  expect(segments.map(({ startSeconds, endSeconds, text }) => [startSeconds, endSeconds, text])).toEqual([[1, 2, 'Hello.'], [3, 5, 'Bye.']])
  expect(notes).toEqual(['before', '1 of 3 cues begin after the end, at 5.0 s: they were left out.', '1 of 3 cues went on after the end, at 5.0 s: they were cut there.'])
})
