import { parseInput } from '@track-orchestrator/registry'
import { combineAudioSegments, elevenlabsTextToSpeechBatch, splitSrtIntoSegments } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFlite } from '../offline-speech/flite.ts'
import { formatSrt } from '../srt/format-srt.ts'
import { hear } from '../testing/sound.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createCombineAudioSegmentsHandler } from './combine-audio-segments.ts'
import { createElevenlabsTextToSpeechBatchHandler } from './elevenlabs-text-to-speech-batch.ts'
import { createSplitSrtIntoSegmentsHandler } from './split-srt-into-segments.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools({ textToSpeech: createFlite() })
})
afterAll(() => media.close())

const sentences = ['He was not an ill disposed young man.', 'Unless to be rather cold!', 'Shh.', 'She thought so.', 'Had he married?', 'Fine feathers.', 'I see.', 'Yes.']
const cues = sentences.map((text, place) => ({ startSeconds: (711 + place * 3_137) / 1_000, endSeconds: (2_911 + place * 3_137) / 1_000, text }))

/** From a text to the final MP3, every step by its handler. */
async function speak(durationSeconds: number) {
  const context = (taskName: string) => createTestContext({ taskName })
  const speakers = cues.map((_, place) => place % 4)
  const split = await createSplitSrtIntoSegmentsHandler()(await parseInput(splitSrtIntoSegments, { srt: formatSrt(cues), speakers, durationSeconds }), context('split'))
  const spoken = await createElevenlabsTextToSpeechBatchHandler(media.tools)(await parseInput(elevenlabsTextToSpeechBatch, split), context('speak'))
  const combined = await createCombineAudioSegmentsHandler(media.tools)(await parseInput(combineAudioSegments, spoken), context('combine'))
  return { spoken, combined, sound: await hear(media.tools.ffmpeg, media.pathOf(combined.finalAudio)) }
}

describe('From subtitles to an MP3', () => {
  test('each of four voices is first heard within 20 ms of its cue, in a sound that is exactly as long as the video', async () => {
    const rate = 48_000
    const { spoken, combined, sound } = await speak(27.5)
    const late = cues.map(({ startSeconds }) => {
      const around = sound.subarray((startSeconds - 0.3) * rate, (startSeconds + 1.5) * rate)
      const loudest = around.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)
      return around.findIndex((sample) => Math.abs(sample) >= loudest / 100) / rate - 0.3
    })
    expect(Math.max(...late.map(Math.abs))).toBeLessThan(0.02)
    expect(sound.length).toBe(27.5 * rate)
    expect(combined.loudnessLufs).toSatisfy((found: number) => Math.abs(found + 16) < 1)
    expect(new Set(spoken.segments.map(({ voice }) => voice)).size).toBe(4)
    expect(combined.cues.every(({ overrunSeconds }) => overrunSeconds === 0)).toBe(true)
  })

  test('what the voice cannot read is refused before anything is spoken: no film stays silent', async () => {
    const texts = ['Hello there.', '今天天气很好，我们去公园。', '再见。']
    const segments = texts.map((text, index) => ({ index, startSeconds: index * 3, endSeconds: index * 3 + 2, text }))
    const before = await media.allFiles()
    const input = await parseInput(elevenlabsTextToSpeechBatch, { segments })
    const message = expect.stringContaining('flite cannot say 2 of 3 segments, the first of them 1 ("今天天气很好，我们去公园。")') as string
    await expect((async () => createElevenlabsTextToSpeechBatchHandler(media.tools)(input, createTestContext()))()).rejects.toMatchObject({ code: 'media/text_unspoken', retryable: false, message })
    expect(await media.allFiles()).toEqual(before)
  })
})
