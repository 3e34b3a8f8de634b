import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wavFile } from '../wav-file.ts'
import { createDeepgram } from '../deepgram/deepgram.ts'
import { createElevenLabs } from '../elevenlabs/elevenlabs.ts'
import { createFlite } from '../offline-speech/flite.ts'

// The services themselves, one short clip each: only where somebody has set a key, for it costs a little.

const { DEEPGRAM_API_KEY: deepgramKey = '', ELEVENLABS_API_KEY: elevenLabsKey = '' } = process.env
for (const [name, key] of Object.entries({ DEEPGRAM_API_KEY: deepgramKey, ELEVENLABS_API_KEY: elevenLabsKey })) {
  if (key === '') console.warn(`Skipped: the test against the real service, which needs ${name}`)
}
const sentence = 'Good morning. It is a lovely day.'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'real-services-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
const context = () => ({ ...createTestContext(), folder })

describe('The service itself,', () => {
  test.skipIf(deepgramKey === '')('Deepgram, hears what is said, and when', async () => {
    const { samples, sampleRateHz } = await createFlite().speak({ text: sentence }, context())
    const path = join(folder, 'sentence.wav')
    await writeFile(path, wavFile(samples, sampleRateHz))
    const request = { audioUrl: 'file:///sentence.wav', audioPath: () => Promise.resolve(path), diarize: true, keyterms: ['morning'], language: 'en' }
    const { transcript, metadata } = await createDeepgram({ apiKey: deepgramKey }).transcribe(request, context())
    expect(transcript.words.map(({ text }) => text.toLowerCase()).join(' ')).toMatch(/morning/)
    expect(transcript.words.at(-1)?.endSeconds).toBeLessThanOrEqual(samples.length / sampleRateHz + 0.5)
    expect(metadata).toMatchObject({ requestId: expect.any(String) as string, heardSeconds: expect.any(Number) as number })
  })

  test.skipIf(elevenLabsKey === '')('ElevenLabs, says a sentence in raw sound, and what it cost', async () => {
    const clip = await createElevenLabs({ apiKey: elevenLabsKey }).speak({ text: sentence, previousText: 'Hello.' }, context())
    expect(clip.samples.length / clip.sampleRateHz).toBeGreaterThan(1)
    expect(clip.samples.some((sample) => Math.abs(sample) > 1_000)).toBe(true)
    expect(clip.metadata).toMatchObject({ characterCost: expect.any(Number) as number })
  })
})
