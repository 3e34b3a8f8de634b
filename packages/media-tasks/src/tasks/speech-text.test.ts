import { readFile, writeFile } from 'node:fs/promises'
import { parseInput } from '@track-orchestrator/registry'
import { convertJsonToSrt, deepgramSpeechToText, splitSrtIntoSegments, type Transcript } from '@track-orchestrator/registry/media'
import { createTestContext, taskSuite } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRecordedSpeech } from '../offline-speech/recorded.ts'
import { createSpeechLadder } from '../speech/speech-ladder.ts'
import type { SpeechToText } from '../speech/speech-to-text.ts'
import { writeTone } from '../testing/sound.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createConvertJsonToSrtHandler } from './convert-json-to-srt.ts'
import { createDeepgramSpeechToTextHandler } from './deepgram-speech-to-text.ts'
import { createSplitSrtIntoSegmentsHandler } from './split-srt-into-segments.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
  await writeTone(media.clipPath('sound.wav'), { seconds: 1 })
  await writeFile(media.clipPath('movie.deepgram.json'), JSON.stringify({ results: { channels: [{ alternatives: [{ words: [{ word: 'hi', start: 0, end: 0.5 }] }] }] } }))
})
afterAll(() => media.close())

const word = (text: string, startSeconds: number, speaker?: number) => ({ text, startSeconds, endSeconds: startSeconds + 0.4, ...(speaker !== undefined && { speaker }) })
const transcript: Transcript = { provider: 'test', words: [word('Hello', 0.5, 0), word('there.', 1, 0), word('Who?', 2, 1)], utterances: [] }
const twoCues = '1\n00:00:01,000 --> 00:00:02,000\n<i>Hello</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nthere\n'

taskSuite({
  contract: deepgramSpeechToText,
  heedsSignal: true,
  handler: () => createDeepgramSpeechToTextHandler({ ...media.tools, speechToText: createSpeechLadder([createRecordedSpeech(media.tools.storage)]) }),
  examples: { 'a sound with a recorded transcript': () => ({ audioUrl: media.clipUrl('sound.wav'), sourceUrl: media.clipUrl('movie.webm') }) },
  refuses: { 'no sound': { input: {}, path: 'audioUrl' }, 'an empty keyterm': { input: { audioUrl: 'file:///x', keyterms: [''] }, path: 'keyterms.0' } },
})
taskSuite({
  contract: convertJsonToSrt,
  heedsSignal: true,
  handler: () => createConvertJsonToSrtHandler(media.tools),
  examples: { 'a transcript': () => ({ transcript }), 'an empty transcript': () => ({ transcript: { ...transcript, words: [] } }) },
  refuses: { 'cues of no length': { input: { transcript, maxCueSeconds: 0 }, path: 'maxCueSeconds' }, 'no transcript': { input: {}, path: 'transcript' } },
})
taskSuite({
  contract: splitSrtIntoSegments,
  heedsSignal: true,
  handler: () => {
    const handler = createSplitSrtIntoSegmentsHandler()
    return (input, context) => {
      context.signal.throwIfAborted()
      return handler(input, context)
    }
  },
  examples: { 'two cues': () => ({ srt: twoCues, durationSeconds: 5 }), 'no cues': () => ({ srt: '' }) },
  refuses: { 'a speaker below zero': { input: { srt: '', speakers: [-1] }, path: 'speakers.0' } },
})

describe('Speech to text', () => {
  test('asks the listener it was given, and hands on transcript, facts and timeline', async () => {
    const asked: unknown[] = []
    const listener: SpeechToText = {
      name: 'me',
      async transcribe({ audioPath, ...request }, speechContext) {
        asked.push(request, (await audioPath()) === (await audioPath()), (await readFile(await audioPath())).length)
        speechContext.progress(0.5, 'half')
        return { transcript, metadata: { seconds: 1 } }
      },
    }
    const context = createTestContext({ taskName: 'deepgram_speech_to_text' })
    const audioUrl = media.clipUrl('sound.wav')
    const input = await parseInput(deepgramSpeechToText, { audioUrl, sourceUrl: 'file:///movie.webm', durationSeconds: 3, language: 'en', keyterms: ['Dashwood'] })
    const results = await createDeepgramSpeechToTextHandler({ ...media.tools, speechToText: listener })(input, context)

    expect(asked).toEqual([{ audioUrl, durationSeconds: 3, sourceUrl: 'file:///movie.webm', language: 'en', detectLanguage: true, diarize: true, smartFormat: true, utterances: true, keyterms: ['Dashwood'] }, true, 32_044])
    expect(results).toMatchObject({ transcript, sourceUrl: 'file:///movie.webm', durationSeconds: 3, files: [{ format: 'json', url: results.transcriptUrl }] })
    expect(JSON.parse(await readFile(media.pathOf(results.transcriptUrl), 'utf8'))).toEqual(transcript)
    expect(context.metadata).toEqual({ seconds: 1, provider: 'test', words: 3 })
    expect(context.progressed).toEqual([{ fraction: 0.475, note: 'half' }])
  })

  test('says in the log when nobody spoke', async () => {
    const listener: SpeechToText = { name: 'me', transcribe: () => Promise.resolve({ transcript: { provider: 'me', words: [], utterances: [] } }) }
    const context = createTestContext()
    await createDeepgramSpeechToTextHandler({ ...media.tools, speechToText: listener })(await parseInput(deepgramSpeechToText, { audioUrl: 'file:///x' }), context)
    expect(context.logged).toEqual([{ level: 'warn', message: 'Nobody was heard to speak: the transcript is empty' }])
  })
})

describe('Subtitles', () => {
  test('of a transcript are stored, and tell speakers beside the text', async () => {
    const input = await parseInput(convertJsonToSrt, { transcript, durationSeconds: 3, sourceUrl: 'file:///movie.webm' })
    const results = await createConvertJsonToSrtHandler(media.tools)(input, createTestContext({ taskName: 'convert_json_to_srt' }))
    expect(results.srt).toBe('1\n00:00:00,500 --> 00:00:01,400\nHello there.\n\n2\n00:00:02,000 --> 00:00:02,400\nWho?\n')
    expect(results).toMatchObject({ speakers: [0, 1], durationSeconds: 3, sourceUrl: 'file:///movie.webm', files: [{ format: 'srt', url: results.srtUrl }] })
    expect(await readFile(media.pathOf(results.srtUrl), 'utf8')).toBe(results.srt)
  })

  const split = async (input: (typeof splitSrtIntoSegments)['~io']['in']) =>
    createSplitSrtIntoSegmentsHandler()(await parseInput(splitSrtIntoSegments, input), createTestContext())

  test('come apart into segments in order of time, without formatting, each with its speaker', async () => {
    const swapped = `${twoCues.slice(twoCues.indexOf('2\n00'))}\n${twoCues.slice(0, twoCues.indexOf('2\n00'))}`
    expect(await split({ srt: swapped, speakers: [1, null], durationSeconds: 5, srtUrl: 'file:///x.srt' })).toEqual({
      segments: [
        { index: 0, startSeconds: 1, endSeconds: 2, text: 'Hello' },
        { index: 1, startSeconds: 3, endSeconds: 4, text: 'there', speaker: 1 },
      ],
      durationSeconds: 5,
      srtUrl: 'file:///x.srt',
    })
  })

  test('lose cues in which nothing is said, and nobody else gets their speaker', async () => {
    const srt = twoCues.replace('<i>Hello</i>', '♪ ♪')
    expect(await split({ srt, speakers: [0, 1] })).toEqual({ segments: [{ index: 0, startSeconds: 3, endSeconds: 4, text: 'there', speaker: 1 }] })
  })

  test('must have as many speakers as cues', async () => {
    await expect((async () => split({ srt: twoCues, speakers: [0] }))()).rejects.toMatchObject({
      code: 'contract_violated',
      issues: [{ path: ['speakers'], message: 'expected as many as there are cues, 2, got 1' }],
    })
  })

  test('that are broken are refused', async () => {
    await expect((async () => split({ srt: 'WEBVTT\n\n00:01.000 --> 00:02.000\nHello' }))()).rejects.toMatchObject({ code: 'media/srt_invalid', retryable: false })
  })
})
