import { stat } from 'node:fs/promises'
import { mediaAudioExtract } from '@track-orchestrator/registry/media'
import { parseInput } from '@track-orchestrator/registry'
import { createTestContext, taskSuite, type TestContextOptions } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { probeMedia } from '../ffmpeg/probe-media.ts'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { makeClip } from '../testing/make-clip.ts'
import { hear, onsets, writeTone } from '../testing/sound.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createMediaAudioExtractHandler } from './media-audio-extract.ts'

type Input = (typeof mediaAudioExtract)['~io']['in']

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
  const { ffmpeg } = media.tools
  await Promise.all([
    makeClip(ffmpeg, media.clipPath('clip.webm'), { durationSeconds: 5 }),
    makeClip(ffmpeg, media.clipPath('clip.mp4'), { durationSeconds: 5, videoCodec: 'h264', audioCodecs: ['aac'] }),
  ])
})
afterAll(() => media.close())

async function extract(input: Input, options: TestContextOptions = {}) {
  const handler = createMediaAudioExtractHandler(media.tools)
  return handler(await parseInput(mediaAudioExtract, input), createTestContext({ taskName: 'media_audio_extract', ...options }))
}

/** Makes a file by ffmpeg's own words. */
async function make(name: string, inputs: readonly string[], options: readonly string[]): Promise<string> {
  const command = { what: 'make a test file', inputs: inputs.map((input) => ({ path: media.clipPath(input) })), options, output: media.clipPath(name) }
  await runFfmpeg(media.tools.ffmpeg, command)
  return media.clipUrl(name)
}

/** The clip beeps at 0, 2 and 4 s. */
async function beeps(audioUrl: string): Promise<number[]> {
  return onsets(await hear(media.tools.ffmpeg, media.pathOf(audioUrl)))
}
const near = (expected: readonly number[], within = 0.003) => expected.map((seconds) => expect.toSatisfy((found: number) => Math.abs(found - seconds) <= within))

taskSuite({
  contract: mediaAudioExtract,
  heedsSignal: true,
  handler: () => createMediaAudioExtractHandler(media.tools),
  examples: { 'a WebM': () => ({ url: media.clipUrl('clip.webm') }), 'an MP4, as AAC': () => ({ url: media.clipUrl('clip.mp4'), format: 'aac' as const }) },
  refuses: {
    'mp3 at 16 kHz': { input: { url: 'file:///x', format: 'mp3', sampleRateHz: 16_000 }, path: 'sampleRateHz' },
    'mp3 at 96 kHz': { input: { url: 'file:///x', format: 'mp3', sampleRateHz: 96_000 }, path: 'sampleRateHz' },
    'another format': { input: { url: 'file:///x', format: 'ogg' }, path: 'format' },
    'three channels': { input: { url: 'file:///x', channels: 3 }, path: 'channels' },
  },
})

describe('Taking out the sound', () => {
  test('gives a WAV that is as long as the picture, to the sample, with every sound in its place', async () => {
    const { audioUrl, durationSeconds, copied, sourceUrl, audioStream } = await extract({ url: media.clipUrl('clip.webm') })
    expect({ copied, sourceUrl, audioStream }).toEqual({ copied: false, sourceUrl: media.clipUrl('clip.webm'), audioStream: 0 })
    expect(durationSeconds).toBeCloseTo(5, 6)
    expect((await hear(media.tools.ffmpeg, media.pathOf(audioUrl))).length).toBe(5 * 48_000)
    expect(await beeps(audioUrl)).toEqual(near([0, 2, 4], 0.015)) // the WebM itself has its sound 14 ms before its picture
    expect(await media.temporaryFiles()).toEqual([])
  })

  test.each([
    ['wav', 'pcm_s16le', 16_000],
    ['wav', 'pcm_s16le', 44_100],
    ['wav', 'pcm_s16le', 96_000],
    ['mp3', 'mp3', 44_100],
    ['mp3', 'mp3', 48_000],
    ['aac', 'aac', 48_000],
    ['aac', 'aac', 96_000],
  ] as const)('makes %s (%s) at %i Hz, in time', async (format, codec, sampleRateHz) => {
    const { audioUrl, files } = await extract({ url: media.clipUrl('clip.webm'), format, sampleRateHz, channels: 2, bitrateKbps: 128 })
    const { audio } = await probeMedia(media.tools.ffmpeg, media.pathOf(audioUrl), media.tools)
    expect(audio[0]).toMatchObject({ codec, sampleRateHz, channels: 2 })
    expect(files[0]).toMatchObject({ url: audioUrl, format: format === 'aac' ? 'm4a' : format, durationSeconds: 5 })
    expect(await beeps(audioUrl)).toEqual(near([0, 2, 4], 0.017))
    const { length } = await hear(media.tools.ffmpeg, media.pathOf(audioUrl))
    expect(Math.abs(length / 48_000 - 5)).toBeLessThan(format === 'aac' ? 0.022 : 0.0001) // a decoder of AAC gives whole packets
  })

  test('keeps what sounds before a picture that starts later', async () => {
    await makeClip(media.tools.ffmpeg, media.clipPath('late-video.webm'), { durationSeconds: 5, videoStartSeconds: 0.7 })
    const { audioUrl, durationSeconds } = await extract({ url: media.clipUrl('late-video.webm') })
    expect(durationSeconds).toBeCloseTo(5.7, 1)
    expect(await beeps(audioUrl)).toEqual(near([0, 2, 4], 0.015))
  })

  test.each(['webm', 'mp4', 'mkv'])('fills with silence what is missing before and after the sound, in %s', async (container) => {
    await writeTone(media.clipPath('beep.wav'), { seconds: 1, rate: 48_000 })
    const codec = container === 'webm' ? 'libopus' : 'aac'
    const clip = container === 'webm' ? 'clip.webm' : 'clip.mp4'
    const command = {
      what: 'make a test file',
      inputs: [{ path: media.clipPath(clip) }, { path: media.clipPath('beep.wav'), options: ['-itsoffset', '1.5'] }],
      options: ['-map', '0:v', '-c:v', 'copy', '-map', '1:a', '-c:a', codec],
      output: media.clipPath(`late-audio.${container}`),
    }
    await runFfmpeg(media.tools.ffmpeg, command)
    const { audioUrl } = await extract({ url: media.clipUrl(`late-audio.${container}`) })
    const sound = await hear(media.tools.ffmpeg, media.pathOf(audioUrl))
    expect(sound.length).toBe(5 * 48_000)
    expect(onsets(sound)).toEqual(near([1.5], 0.022)) // each WebM puts its picture 14 ms after its sound
  })

  test('keeps the time where packets are missing', async () => {
    const url = await make('holes.webm', ['clip.webm'], ['-map', '0', '-c', 'copy', '-bsf:a', 'noise=dropamount=2'])
    const { audioUrl } = await extract({ url })
    expect((await hear(media.tools.ffmpeg, media.clipPath('holes.webm'))).length).toBeLessThan(4.7 * 48_000) // so much is missing
    expect(await beeps(audioUrl)).toEqual(near([0, 2, 4], 0.022))
  })

  test('copies AAC and MP3 that fit, and says so', async () => {
    const { ffmpeg } = media.tools
    const copied = await extract({ url: media.clipUrl('clip.mp4'), format: 'aac' })
    expect(copied).toMatchObject({ copied: true, audioStream: 0 })
    expect(await beeps(copied.audioUrl)).toEqual(near([0, 2, 4]))
    expect(await extract({ url: media.clipUrl('clip.mp4'), format: 'aac', channels: 2 })).toMatchObject({ copied: false })
    expect(await extract({ url: media.clipUrl('clip.mp4'), format: 'aac', sampleRateHz: 44_100 })).toMatchObject({ copied: false })

    const mp3 = await make('sound.mp3', ['clip.webm'], ['-map', '0:a', '-c:a', 'libmp3lame'])
    const again = await extract({ url: mp3, format: 'mp3' })
    expect(again.copied).toBe(true)
    expect(await beeps(again.audioUrl)).toEqual(near([0, 2, 4], 0.008))
    expect(again.durationSeconds).toBeCloseTo((await hear(ffmpeg, media.clipPath('sound.mp3'))).length / 48_000, 3)
  })

  test.each([
    ['default', undefined, 0],
    ['second', 1, 1],
  ])('takes the %s stream of several', async (_, audioStream, expected) => {
    await writeTone(media.clipPath('low.wav'), { seconds: 5, rate: 48_000, hertz: 200 })
    const options = ['-map', '0:v', '-map', '1:a', '-map', '0:a', '-c:v', 'copy', '-c:a', 'libopus', '-disposition:a:0', 'default', '-disposition:a:1', '0']
    const url = await make('two.webm', ['clip.webm', 'low.wav'], options)
    const result = await extract({ url, ...(audioStream !== undefined && { audioStream }) })
    expect(result.audioStream).toBe(expected)
    expect(await beeps(result.audioUrl)).toEqual(near(expected === 0 ? [0] : [0, 2, 4], 0.015))
  })

  test('of a file without a picture keeps its own length', async () => {
    await writeTone(media.clipPath('tone.wav'), { seconds: 1.2345, rate: 44_100 })
    for (const format of ['wav', 'mp3', 'aac'] as const) {
      const { durationSeconds } = await extract({ url: media.clipUrl('tone.wav'), format, sampleRateHz: 44_100 })
      expect(Math.abs(durationSeconds - 1.2345)).toBeLessThan(0.001)
    }
  })

  test('says what it saw where there is no sound', async () => {
    const url = await make('silent.webm', ['clip.webm'], ['-map', '0:v', '-c', 'copy'])
    const message = 'has no audio: ffprobe sees matroska,webm with video vp9 320x180'
    await expect(extract({ url })).rejects.toMatchObject({ code: 'media/no_audio', retryable: false, message: expect.stringContaining(message) })
    await expect(extract({ url: media.clipUrl('clip.webm'), audioStream: 3 })).rejects.toMatchObject({ code: 'media/no_audio' })
    expect(await media.temporaryFiles()).toEqual([])
  })

  test('leaves nothing behind when it is cancelled in the middle', async () => {
    await writeTone(media.clipPath('long.wav'), { seconds: 600, rate: 48_000 })
    const before = await media.allFiles()
    const cancel = new AbortController()
    const extracting = extract({ url: media.clipUrl('long.wav'), format: 'aac' }, { signal: cancel.signal })
    setTimeout(() => cancel.abort(), 500)
    await expect(extracting).rejects.toMatchObject({ code: 'cancelled' })
    expect(await media.temporaryFiles()).toEqual([])
    expect(await media.allFiles()).toEqual(before)
  })

  test('of an hour takes no memory in this process', async () => {
    await writeTone(media.clipPath('hour.wav'), { seconds: 3_600, rate: 8_000 })
    const before = process.memoryUsage.rss()
    let most = 0
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss() - before)), 20)
    const { audioUrl } = await extract({ url: media.clipUrl('hour.wav') })
    clearInterval(watch)
    expect((await stat(media.pathOf(audioUrl))).size).toBeGreaterThan(3_600 * 48_000 * 2)
    expect(most).toBeLessThan(40 * 1_024 ** 2)
  })
})
