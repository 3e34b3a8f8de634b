import { access } from 'node:fs/promises'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wavFile } from '../wav-file.ts'
import { createSpeechLadder } from '../speech/speech-ladder.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createFlite } from './flite.ts'
import { readPocketsphinxLine } from './pocketsphinx-words.ts'
import { createPocketsphinx } from './pocketsphinx.ts'

const isInstalled = await access('/usr/share/pocketsphinx/model/en-us').then(() => true, () => false)
if (!isInstalled) console.warn('pocketsphinx is not installed (apt install pocketsphinx pocketsphinx-en-us): its tests are skipped')

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
})
afterAll(() => media.close())

const contextOf = (signal = new AbortController().signal) => {
  const { log, progress, progressed } = createTestContext()
  return { signal, log, progress, progressed, folder: media.clipPath('.') }
}

async function spoken(text: string): Promise<{ audioUrl: string; audioPath: () => Promise<string>; diarize: boolean; keyterms: string[] }> {
  const { samples, sampleRateHz } = await createFlite().speak({ text }, contextOf())
  const path = media.clipPath('spoken.wav')
  await writeFile(path, wavFile(samples, sampleRateHz))
  return { audioUrl: media.clipUrl('spoken.wav'), audioPath: () => Promise.resolve(path), diarize: true, keyterms: [] }
}

describe.skipIf(!isInstalled)('pocketsphinx', () => {
  test('hears words and when they were said', async () => {
    const context = contextOf()
    const result = await createPocketsphinx({ ffmpeg: media.tools.ffmpeg }).transcribe(await spoken('The weather is good today.'), context)
    const words = result?.transcript.words ?? []
    expect(result?.transcript).toMatchObject({ provider: 'pocketsphinx', model: 'en-us', language: 'en-US' })
    expect(words.map(({ text }) => text)).toEqual(expect.arrayContaining(['weather', 'good']))
    expect(words.every(({ startSeconds, endSeconds, confidence = 1 }) => startSeconds <= endSeconds && endSeconds < 4 && confidence <= 1)).toBe(true)
    expect(result?.transcript.utterances[0]).toMatchObject({ startSeconds: words[0]?.startSeconds })
    expect(context.progressed.at(-1)?.fraction).toBeGreaterThan(0.7)
  })

  test('stops when it is cancelled', async () => {
    const request = await spoken('The weather is good today. '.repeat(20))
    await expect(createPocketsphinx({ ffmpeg: media.tools.ffmpeg }).transcribe(request, contextOf(AbortSignal.timeout(1_000)))).rejects.toMatchObject({ code: 'timed_out' })
  })

  test('passes where another language is asked for', async () => {
    const request = { ...(await spoken('Guten Tag')), language: 'de' }
    expect(await createPocketsphinx({ ffmpeg: media.tools.ffmpeg }).transcribe(request, contextOf())).toBeUndefined()
  })
})

test.each([
  [{ searchPath: '/nowhere' }],
  [{ modelFolder: '/nowhere' }],
])('pocketsphinx passes where it is not installed: %j', async (options) => {
  const ladder = createSpeechLadder([createPocketsphinx({ ffmpeg: media.tools.ffmpeg, ...options })])
  const error = expect.objectContaining({ code: 'media/no_speech_to_text', retryable: false, message: expect.stringMatching(/apt install pocketsphinx.*deepgram\.json.*createMediaHandlers/) })
  await expect(ladder.transcribe({ audioUrl: 'file:///x.wav', audioPath: () => Promise.reject(new Error('not asked for')), diarize: true, keyterms: [] }, contextOf())).rejects.toEqual(error)
})

test.each([
  ['was(2) 0.330 0.540 0.999800', { text: 'was', startSeconds: 0.33, endSeconds: 0.54, confidence: 0.9998 }],
  ['even 28.290 28.560 1.000100', { text: 'even', startSeconds: 28.29, endSeconds: 28.56, confidence: 1 }],
  ["don't 1.000 1.500 0.5", { text: "don't", startSeconds: 1, endSeconds: 1.5, confidence: 0.5 }],
  ['<sil> 0.070 0.200 0.694306', undefined],
  ['</s> 2.800 2.970 1.000000', undefined],
  ['[SPEECH] 0.980 1.100 0.535598', undefined],
  ['++NOISE++ 0.980 1.100 0.535598', undefined],
  ['he was not an illness those young man', undefined],
  ['', undefined],
])('In the line %j pocketsphinx says %j', (line, word) => {
  expect(readPocketsphinxLine(line)).toEqual(word)
})
