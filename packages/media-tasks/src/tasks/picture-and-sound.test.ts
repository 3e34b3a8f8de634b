import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { compareClip } from '../testing/compare-clip.ts'
import { convertVideo, mergeSound } from '../testing/convert-video.ts'
import { makeClip } from '../testing/make-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createMediaAudioExtractHandler } from './media-audio-extract.ts'

let media: TestTools
const small = { width: 160, height: 90 } as const
beforeAll(async () => {
  media = await openTestTools()
  await makeClip(media.tools.ffmpeg, media.clipPath('long.webm'), { ...small, durationSeconds: 34, keyframes: 1, frameRate: '5/1' })
})
afterAll(() => media.close())

/** Both tracks and the final task, without speech. */
async function convert(name: string) {
  const url = media.clipUrl(name)
  const { stripped, combined } = await convertVideo(media.tools, url, { split: { minPartSeconds: 1 } })
  const sound = await createMediaAudioExtractHandler(media.tools)({ url }, createTestContext({ taskName: 'media_audio_extract' }))
  const merged = await mergeSound(media.tools, sound.audioUrl, combined.finalVideo)
  expect(Math.abs(sound.durationSeconds - stripped.durationSeconds)).toBeLessThan(0.001)
  expect(merged.notes).toBeUndefined() // of its own: there was nothing left to do
  return { stripped, combined, merged, path: media.pathOf(merged.url) }
}

/** The pictures of a clip, and no longer than so, beside the sound of the long one. */
async function withLongSound(name: string, clip: Parameters<typeof makeClip>[2], soundSeconds: number) {
  const made = await makeClip(media.tools.ffmpeg, media.clipPath(`silent-${name}`), { ...small, ...clip, audioCodecs: [] })
  const inputs = [{ path: made.path }, { path: media.clipPath('long.webm'), options: ['-t', String(soundSeconds)] }]
  await runFfmpeg(media.tools.ffmpeg, { what: 'make a file', inputs, options: ['-map', '0:v', '-map', '1:a', '-c', 'copy'], output: media.clipPath(name) })
  return made
}

describe('Where the sound goes on after the last picture, it is held', () => {
  test.each([
    ['at an even rate', 'even.webm', { durationSeconds: 2 }, 5, 60 + 90],
    ['at a rate that varies, once a second', 'varied.webm', { durationSeconds: 2, variableFrameRate: true }, 5, 60 + 5],
    ['once a second, where that is long', 'long-hold.webm', { durationSeconds: 1 }, 33, 30 + 34],
    ['in a video of one picture', 'one.webm', { durationSeconds: 0.03, frameRate: '25/1' }, 4, 1 + 6],
  ] as const)('%s', async (_, name, clipOptions, seconds, frames) => {
    const clip = await withLongSound(name, clipOptions, seconds)
    const { stripped, combined, merged, path } = await convert(name)
    const compared = await compareClip(media.tools.ffmpeg, clip, path)
    expect(compared).toMatchObject({ lost: 0, reordered: 0, doubled: 1, unreadable: 0, videoStartSeconds: 0 })
    expect(Math.abs(combined.frameCount - frames)).toBeLessThanOrEqual(1) // the sound ends with one of its packets
    expect(stripped.frameCount).toBe(clip.frameTimes.length)
    expect(compared.frameDriftSeconds).toBeLessThan(0.0015)
    const near = media.tools.ffmpeg.supportsFpsMode ? 0.06 : 1 // builds before 5.1 guess how long the last picture of a varying rate is
    for (const length of [merged.durationSeconds, compared.videoSeconds, compared.audioSeconds!]) expect(Math.abs(length - seconds)).toBeLessThan(near)
    expect(combined.notes).toEqual([expect.stringMatching(/after the last picture, which is held/)])
  })
})

test('Where the sound begins before the first picture, that is shown from the beginning on, and nothing moves', async () => {
  const clip = await makeClip(media.tools.ffmpeg, media.clipPath('late.webm'), { ...small, durationSeconds: 4, videoStartSeconds: 0.73 })
  const { combined, path } = await convert('late.webm')
  const compared = await compareClip(media.tools.ffmpeg, clip, path, clip.frameTimes[0])
  expect(compared).toMatchObject({ frameCount: 120 + 22, lost: 0, reordered: 0, doubled: 1, unreadable: 0, videoStartSeconds: 0 })
  expect(compared.frameDriftSeconds).toBeLessThan(0.02) // Opus begins a few milliseconds early
  expect(compared.soundDriftSeconds).toBeLessThan(0.045) // the first frame after a beep flashes: 0.03 s after it
  expect(compared.videoSeconds).toBeCloseTo(4.73, 1)
  expect(combined.notes).toEqual([expect.stringMatching(/begins 0\.7 s before the first picture/)])
})

test('Where the sound ends before the picture or begins after it, silence is there', async () => {
  const clip = await makeClip(media.tools.ffmpeg, media.clipPath('silent.webm'), { ...small, durationSeconds: 6, audioCodecs: [] })
  const inputs = [{ path: clip.path }, { path: media.clipPath('long.webm'), options: ['-itsoffset', '2', '-t', '2.5'] }]
  await runFfmpeg(media.tools.ffmpeg, { what: 'make a file', inputs, options: ['-map', '0:v', '-map', '1:a', '-c', 'copy'], output: media.clipPath('middle.webm') })
  const { combined, path } = await convert('middle.webm')
  const compared = await compareClip(media.tools.ffmpeg, clip, path)
  expect(compared).toMatchObject({ frameCount: 180, lost: 0, doubled: 0 })
  expect(compared.audioSeconds).toBeCloseTo(6, 1)
  expect(combined.notes).toBeUndefined()
})
