import { combineVideoSegments, splitVideo, transcodeVideoSegments } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { compareClip, type ClipComparison } from '../testing/compare-clip.ts'
import { convertVideo, mergeSound, type ConvertedVideo, type ConvertOptions } from '../testing/convert-video.ts'
import { makeClip, type Clip, type ClipOptions } from '../testing/make-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { videoHandlers } from '../testing/video-handlers.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
})
afterAll(() => media.close())

const clean = { lost: 0, doubled: 0, reordered: 0, unreadable: 0, videoCodec: 'h264', pixelFormat: 'yuv420p', rotationDegrees: 0, isFaststart: true }

interface Converted {
  readonly clip: Clip
  readonly video: ConvertedVideo
  readonly compared: ClipComparison
}

async function convert(name: string, clipOptions: ClipOptions, options: ConvertOptions = {}): Promise<Converted> {
  const clip = await makeClip(media.tools.ffmpeg, media.clipPath(name), clipOptions)
  const video = await convertVideo(media.tools, media.clipUrl(name), options)
  return { clip, video, compared: await compareClip(media.tools.ffmpeg, clip, media.pathOf(video.combined.finalVideo)) }
}

/** The clip's own sound as a WAV that begins with the first picture. */
async function soundOf(clip: Clip, name: string): Promise<string> {
  const start = clip.frameTimes[0] ?? 0
  await runFfmpeg(media.tools.ffmpeg, {
    what: 'take the sound out',
    inputs: [{ path: clip.path }],
    options: ['-map', '0:a:0', '-af', `aresample=async=1:first_pts=0,atrim=start=${start},asetpts=PTS-STARTPTS`, '-c:a', 'pcm_s16le'],
    output: media.clipPath(name),
  })
  return media.clipUrl(name)
}

describe('The whole video track, with its sound put back,', () => {
  test.each<[string, string, ClipOptions]>([
    ['VP9 in WebM at a constant rate', 'cfr.webm', { durationSeconds: 8 }],
    ['VP9 in WebM at a variable rate', 'vfr.webm', { durationSeconds: 8, variableFrameRate: true }],
    ['H.264 in MP4 at 30000/1001', 'ntsc.mp4', { durationSeconds: 8, videoCodec: 'h264', audioCodecs: ['aac'], frameRate: '30000/1001' }],
  ])('keeps every frame, flash and beep of %s', async (_, name, clipOptions) => {
    const { clip, video } = await convert(name, clipOptions)
    const merged = await mergeSound(media.tools, await soundOf(clip, `${name}.wav`), video.combined.finalVideo)
    const compared = await compareClip(media.tools.ffmpeg, clip, media.pathOf(merged.url))
    const frame = clip.durationSeconds / clip.frameTimes.length

    expect(compared).toMatchObject({ ...clean, frameCount: clip.frameTimes.length, audioCodec: 'aac', videoStartSeconds: 0 })
    expect(compared.frameDriftSeconds).toBeLessThan(0.0015) // Matroska's milliseconds
    expect(compared.soundDriftSeconds).toBeLessThan(frame)
    expect(Math.abs(compared.audioStartSeconds!)).toBeLessThan(frame)
    expect(Math.abs(compared.videoSeconds - clip.durationSeconds)).toBeLessThan(frame)
    expect(Math.abs(compared.audioSeconds! - compared.videoSeconds)).toBeLessThan(frame)
    expect(Math.abs(merged.durationSeconds - clip.durationSeconds)).toBeLessThan(frame)
    expect(await media.temporaryFiles()).toEqual([])
  })
})

describe('The video track', () => {
  test.each<[string, ClipOptions, ConvertOptions, number]>([
    ['1 keyframe, by keyframes', { keyframes: 1 }, {}, 1],
    ['3 keyframes, by keyframes', { keyframes: 3 }, { split: { minPartSeconds: 1 } }, 3],
    ['30 keyframes, by keyframes', { keyframes: 30 }, { split: { minPartSeconds: 0 } }, 10],
    ['1 keyframe, exactly', { keyframes: 1 }, { split: { splitMode: 'exact', partCount: 3 } }, 3],
    ['30 keyframes, exactly', { keyframes: 30 }, { split: { splitMode: 'exact', partCount: 4, minPartSeconds: 1 } }, 4],
    ['a variable rate, exactly', { variableFrameRate: true, keyframes: 2 }, { split: { splitMode: 'exact', partCount: 3, minPartSeconds: 1 } }, 3],
    ['VP8', { videoCodec: 'vp8' }, { split: { minPartSeconds: 1 } }, 6],
    ['H.264 with B-frames at a variable rate', { videoCodec: 'h264', variableFrameRate: true, audioCodecs: [] }, { split: { minPartSeconds: 1 } }, 5],
    ['no sound at all', { audioCodecs: [] }, {}, 3],
    ['two audio streams', { audioCodecs: ['opus', 'opus'] }, {}, 3],
  ])('keeps every frame with %s', async (title, clipOptions, options, parts) => {
    const name = `${title.replaceAll(/\W+/g, '-')}.mkv`
    const { clip, video, compared } = await convert(name, clipOptions, options)
    expect(video.split.parts).toHaveLength(parts)
    expect(compared).toMatchObject({ ...clean, frameCount: clip.frameTimes.length, videoStartSeconds: 0 })
    expect(compared.frameDriftSeconds).toBeLessThan(0.0015)
  })

  test('keeps the last frame at a variable rate, however many frames the last part has', async () => {
    for (const sixtieths of [120, 122, 125, 127, 130]) {
      const { clip, compared } = await convert(`last-${sixtieths}.webm`, { durationSeconds: sixtieths / 60, variableFrameRate: true, audioCodecs: [] }, { split: { minPartSeconds: 1 }, transcode: { preset: 'veryfast' } })
      expect(compared).toMatchObject({ ...clean, frameCount: clip.frameTimes.length })
    }
  })

  test.each([90, 180, 270] as const)('turns a picture upright that lies %i degrees on its side', async (rotationDegrees) => {
    const { video, compared } = await convert(`turned-${rotationDegrees}.mp4`, { durationSeconds: 4, videoCodec: 'h264', audioCodecs: ['aac'], rotationDegrees })
    expect(video.stripped.rotationDegrees).toBe(rotationDegrees)
    expect(compared).toMatchObject({ ...clean, ...(rotationDegrees === 180 ? { width: 320, height: 180 } : { width: 180, height: 320 }) })
  })

  test('turns a picture upright without stripping it first', async () => {
    const clip = await makeClip(media.tools.ffmpeg, media.clipPath('whole.mp4'), { durationSeconds: 4, videoCodec: 'h264', audioCodecs: ['aac'], rotationDegrees: 90 })
    const context = createTestContext({ handlers: videoHandlers(media.tools) })
    for (const splitMode of ['exact', 'keyframe'] as const) {
      const [split] = await context.runTasks([{ task: splitVideo, input: { videoUrl: media.clipUrl('whole.mp4'), splitMode } }])
      const [transcoded] = await context.runTasks([{ task: transcodeVideoSegments, input: split! }])
      const [combined] = await context.runTasks([{ task: combineVideoSegments, input: transcoded! }])
      expect(await compareClip(media.tools.ffmpeg, clip, media.pathOf(combined!.finalVideo))).toMatchObject({ ...clean, width: 180, height: 320 })
    }
  })

  test('cuts odd sizes to even ones', async () => {
    const { compared } = await convert('odd.webm', { durationSeconds: 4, width: 321, height: 181 })
    expect(compared).toMatchObject({ ...clean, width: 320, height: 180 })
  })

  test('scales to the height that is asked for, measured upright', async () => {
    const { compared } = await convert(
      'scaled.mp4',
      { durationSeconds: 4, videoCodec: 'h264', audioCodecs: [], rotationDegrees: 90 },
      { transcode: { outputHeight: 240 } },
    )
    expect(compared).toMatchObject({ ...clean, width: 136, height: 240 })
  })
})
