import { setTimeout as wait } from 'node:timers/promises'
import { parseInput, ProviderError } from '@track-orchestrator/registry'
import { elevenlabsTextToSpeechBatch } from '@track-orchestrator/registry/media'
import { createTestContext, taskSuite, type TestContextOptions } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPlainWav } from '../wav-file.ts'
import { createFlite } from '../offline-speech/flite.ts'
import type { SpeakRequest, TextToSpeech } from '../speech/text-to-speech.ts'
import { tone } from '../testing/sound.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createElevenlabsTextToSpeechBatchHandler } from './elevenlabs-text-to-speech-batch.ts'

type Input = (typeof elevenlabsTextToSpeechBatch)['~io']['in']

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
})
afterAll(() => media.close())

async function speak(textToSpeech: TextToSpeech, input: Input, options: TestContextOptions = {}) {
  const context = createTestContext({ taskName: 'elevenlabs_text_to_speech_batch', ...options })
  const handler = createElevenlabsTextToSpeechBatchHandler({ ...media.tools, textToSpeech })
  const results = await handler(await parseInput(elevenlabsTextToSpeechBatch, input), context)
  return { ...results, context }
}

const segments = (...texts: string[]) => texts.map((text, index) => ({ index, startSeconds: index, endSeconds: index + 1, text }))

/** Somebody who says a tone of 0.1 s for every character, and remembers what was asked. */
function toneSpeaker(before: (request: SpeakRequest) => Promise<void> | void = () => {}) {
  const requests: SpeakRequest[] = []
  const speaker: TextToSpeech = {
    name: 'tones',
    voices: ['low', 'high'],
    async speak(request) {
      requests.push(request)
      await before(request)
      const { text, voice = 'low' } = request
      return { samples: tone({ seconds: text.length / 10 }), sampleRateHz: 16_000, voice, characters: text.length, metadata: { requestId: `r-${text}`, credits: text.length * 2 } }
    },
  }
  return { speaker, requests }
}

taskSuite({
  contract: elevenlabsTextToSpeechBatch,
  heedsSignal: true,
  handler: () => createElevenlabsTextToSpeechBatchHandler({ ...media.tools, textToSpeech: createFlite() }),
  examples: { 'two segments': () => ({ segments: segments('Hello', 'there') }), 'no segments': () => ({ segments: [] }) },
  refuses: {
    'a speaker by name': { input: { segments: [], voices: { Anna: 'slt' } }, path: 'voices.Anna' },
    'no concurrency': { input: { segments: [], concurrency: 0 }, path: 'concurrency' },
  },
})

describe('Speaking a batch', () => {
  test('stores a WAV for each segment, in order, and counts the characters', async () => {
    const { speaker } = toneSpeaker(({ text }) => wait(text === 'one' ? 30 : 1))
    const { segments: spoken, files, provider, characters, context, durationSeconds, srtUrl } = await speak(speaker, {
      segments: segments('one', 'three', 'fourteen'),
      durationSeconds: 9,
      srtUrl: 'file:///x.srt',
    })
    expect(spoken.map(({ text, spokenSeconds, voice }) => [text, spokenSeconds, voice])).toEqual([['one', 0.3, 'low'], ['three', 0.5, 'low'], ['fourteen', 0.8, 'low']]) // prettier-ignore
    expect(files.map(({ url, format, durationSeconds: seconds }) => [url, format, seconds])).toEqual(spoken.map(({ audioUrl, spokenSeconds }) => [audioUrl, 'wav', spokenSeconds]))
    expect(new Set(files.map(({ key }) => key)).size).toBe(3)
    expect(await readPlainWav(media.pathOf(files[1]!.url))).toMatchObject({ sampleRateHz: 16_000, sampleCount: 8_000 })
    expect({ provider, characters, durationSeconds, srtUrl }).toEqual({ provider: 'tones', characters: 16, durationSeconds: 9, srtUrl: 'file:///x.srt' })
    expect(context.metadata).toEqual({ provider: 'tones', characters: 16, requestId: 'r-fourteen', credits: 32 })
    expect(context.progressed.at(-1)).toMatchObject({ fraction: 1, note: expect.stringMatching(/^speak: 3 of 3 segments, [\d.]+\/s$/) as string })
    expect(await media.temporaryFiles()).toEqual([])
  })

  test('says no more segments at once than it may', async () => {
    let atOnce = 0
    let most = 0
    const { speaker } = toneSpeaker(async () => {
      most = Math.max(most, ++atOnce)
      await wait(5)
      atOnce--
    })
    await speak(speaker, { segments: segments('a', 'b', 'c', 'd', 'e', 'f', 'g'), concurrency: 2 })
    expect(most).toBe(2)
  })

  test('gives each speaker a voice, and each request what is said around it', async () => {
    const { speaker, requests } = toneSpeaker()
    const given = segments('a', 'b', 'c').map((segment, place) => Object.assign(segment, { speaker: place }))
    await speak(speaker, { segments: given, voices: { 1: 'mine' }, model: 'm', concurrency: 1 })
    expect(requests).toEqual([
      { text: 'a', voice: 'low', model: 'm', previousText: undefined, nextText: 'b' },
      { text: 'b', voice: 'mine', model: 'm', previousText: 'a', nextText: 'c' },
      { text: 'c', voice: 'high', model: 'm', previousText: 'b', nextText: undefined },
    ])
  })

  test('fails with the segment that failed, and as it failed, and stops the others', async () => {
    const { speaker, requests } = toneSpeaker(async ({ text }) => {
      if (text.startsWith('bad')) throw new ProviderError('Overloaded', { provider: 'Tones', status: 503, retryAfterMs: 5_000 })
      await wait(20)
    })
    const failing = speak(speaker, { segments: segments('a', `bad ${'x'.repeat(100)}`, 'c', 'd', 'e', 'f'), concurrency: 2 })
    await expect(failing).rejects.toMatchObject({
      message: `Segment 1 ("bad ${'x'.repeat(36)}…"): Overloaded`,
      name: 'ProviderError',
      retryable: true,
      status: 503,
      retryAfterMs: 5_000,
    })
    expect(requests.length).toBeLessThanOrEqual(3)
    expect(await media.temporaryFiles()).toEqual([])
  })

  test('with flite says every segment in the voice it was told to, and nothing for an empty one', async () => {
    const given = segments('Good morning.', '', 'And good night.')
    const { segments: spoken } = await speak(createFlite(), { segments: given, voice: 'slt' })
    expect(spoken.map(({ voice }) => voice)).toEqual(['slt', 'slt', 'slt'])
    expect(spoken[0]?.spokenSeconds).toBeGreaterThan(0.5)
    expect(spoken[1]?.spokenSeconds).toBe(0)
    const unknown = speak(createFlite(), { segments: given, voices: { 0: 'x' }, voice: 'nobody' })
    await expect(unknown).rejects.toMatchObject({ code: 'media/voice_unknown', retryable: false, message: expect.stringContaining('Segment 0 ("Good morning.")') })
  })

  test('leaves nothing in its folder when it is cancelled in the middle', async () => {
    const cancel = new AbortController()
    const speaking = speak(createFlite(), { segments: segments(...Array.from({ length: 200 }, (_, place) => `This is sentence ${place}.`)) }, { signal: cancel.signal })
    setTimeout(() => cancel.abort(), 400)
    await expect(speaking).rejects.toMatchObject({ code: 'cancelled', message: 'The work was cancelled' })
    expect(await media.temporaryFiles()).toEqual([])
  })
})
