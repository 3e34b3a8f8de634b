import { mergeAudioVideo } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { compareClip } from '../testing/compare-clip.ts'
import { makeClip, type Clip } from '../testing/make-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createMergeAudioVideoHandler } from './merge-audio-video.ts'

let media: TestTools
let clip: Clip
const frame = 1 / 30

beforeAll(async () => {
  media = await openTestTools()
  const { ffmpeg } = media.tools
  clip = await makeClip(ffmpeg, media.clipPath('picture.mp4'), { durationSeconds: 5, videoCodec: 'h264', audioCodecs: ['aac'] })
  await makeClip(ffmpeg, media.clipPath('picture.webm'), { durationSeconds: 1, videoCodec: 'vp8' })
  await makeClip(ffmpeg, media.clipPath('silent.mp4'), { durationSeconds: 1, videoCodec: 'h264', audioCodecs: [] })
  const sound = async (output: string, options: string[]) =>
    runFfmpeg(ffmpeg, { what: 'make a sound', inputs: [{ path: clip.path }], options: ['-vn', ...options], output: media.clipPath(output) })
  await sound('same.mp3', ['-c:a', 'libmp3lame'])
  await sound('short.wav', ['-t', '2.5'])
  await sound('long.wav', ['-af', 'apad=pad_len=240000'])
  await sound('low.wav', ['-ar', '22050', '-ac', '1'])
})
afterAll(() => media.close())

async function merge(audio: string, video = 'picture.mp4') {
  const context = createTestContext({ handlers: { merge_audio_video: createMergeAudioVideoHandler(media.tools) } })
  const [merged] = await context.runTasks([{ task: mergeAudioVideo, input: { audioUrl: media.clipUrl(audio), videoUrl: media.clipUrl(video) } }])
  return { merged: merged!, compared: await compareClip(media.tools.ffmpeg, clip, media.pathOf(merged!.url)) }
}

test.each([
  ['an MP3 as long as the picture', 'same.mp3'],
  ['a sound that is too long', 'long.wav'],
  ['a sound of another sample rate', 'low.wav'],
])('%s comes to lie under the picture, beep on flash, as long as the picture', async (_, name) => {
  const { merged, compared } = await merge(name)
  expect(compared).toMatchObject({ lost: 0, doubled: 0, frameCount: 150, audioCodec: 'aac', isFaststart: true, videoStartSeconds: 0 })
  expect(compared.soundDriftSeconds).toBeLessThan(frame)
  expect(Math.abs(compared.audioSeconds! - 5)).toBeLessThan(frame)
  expect(merged.durationSeconds).toBeCloseTo(5, 3)
})

test('A sound that is too short is filled with silence', async () => {
  const { compared } = await merge('short.wav')
  expect(compared.frameCount).toBe(150)
  expect(Math.abs(compared.audioSeconds! - 5)).toBeLessThan(frame)
})

test('A file without sound is refused as a sound track', async () => {
  await expect(merge('silent.mp4')).rejects.toMatchObject({ code: 'media/no_audio', retryable: false })
})

test('A picture that MP4 cannot hold is refused, with advice', async () => {
  await expect(merge('same.mp3', 'picture.webm')).rejects.toMatchObject({ code: 'media/format_refused', message: expect.stringContaining('transcode_video_segments') as string })
})
