import { mediaThumbnail } from '@track-orchestrator/registry/media'
import type { TaskInput } from '@track-orchestrator/registry'
import type { TaskRegistry } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { streamFfmpeg } from '../ffmpeg/stream-ffmpeg.ts'
import { readBurntFrame } from '../testing/burnt-frame.ts'
import { makeClip } from '../testing/make-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createMediaThumbnailHandler } from './media-thumbnail.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
  await makeClip(media.tools.ffmpeg, media.clipPath('clip.webm'), { durationSeconds: 4 })
  await makeClip(media.tools.ffmpeg, media.clipPath('late.webm'), { durationSeconds: 2, videoStartSeconds: 1.5 })
  await makeClip(media.tools.ffmpeg, media.clipPath('sent.ts'), { durationSeconds: 2, videoCodec: 'h264', audioCodecs: ['aac'], keyframes: 1 })
  await makeClip(media.tools.ffmpeg, media.clipPath('odd.webm'), { durationSeconds: 1, width: 321, height: 181 })
  await makeClip(media.tools.ffmpeg, media.clipPath('turned.mp4'), { durationSeconds: 1, videoCodec: 'h264', audioCodecs: [], rotationDegrees: 270 })
})
afterAll(() => media.close())

type Input = Omit<TaskInput<TaskRegistry, 'media_thumbnail'>, 'url'>

/** The picture that came out, and the number of the frame it shows. */
async function take(name: string, input: Input) {
  const context = createTestContext({ handlers: { media_thumbnail: createMediaThumbnailHandler(media.tools) } })
  const [taken] = await context.runTasks([{ task: mediaThumbnail, input: { url: media.clipUrl(name), ...input } }])
  const { imageUrl, width, height, atSeconds } = taken!
  const path = media.pathOf(imageUrl)
  const options = ['-pix_fmt', 'gray', '-f', 'rawvideo']
  const formats = ['image2', 'png_pipe', 'jpeg_pipe']
  const { stdout, done } = streamFfmpeg(media.tools.ffmpeg, { what: 'decode the picture', inputs: [{ path, formats }], options })
  const chunks: Buffer[] = []
  for await (const chunk of stdout) chunks.push(chunk)
  await done
  const pixels = Buffer.concat(chunks)
  expect(pixels).toHaveLength(width * height)
  return { width, height, atSeconds, frame: readBurntFrame(pixels, width, height).index, head: (await readFile(path)).subarray(0, 4) }
}

test('A thumbnail shows the frame at the moment asked for', async () => {
  expect(await take('clip.webm', { atSeconds: 2 })).toMatchObject({ frame: 60, atSeconds: 2, width: 320, height: 180 })
})

test('Without a moment, it shows a tenth in', async () => {
  expect((await take('clip.webm', {})).frame).toBe(12)
})

test('Past the end, it shows the last frame, and says when that is', async () => {
  const { frame, atSeconds } = await take('clip.webm', { atSeconds: 1_000 })
  expect(frame).toBe(119)
  expect(atSeconds).toBeCloseTo(119 / 30, 2)
})

test('Moments count from the first picture, even where the sound begins earlier', async () => {
  expect((await take('late.webm', { atSeconds: 1 })).frame).toBe(30)
  expect((await take('late.webm', { atSeconds: 0 })).frame).toBe(0)
})

test('Of a transport stream with one keyframe, in which nothing can be leapt to, it shows the frame at the moment asked for', async () => {
  if (!media.tools.ffmpeg.supportsFpsMode) return // npm's ffprobe of 2018 crashes on each of these
  expect((await take('sent.ts', { atSeconds: 1, width: 320 })).frame).toBe(30)
})

test('Odd sizes stay as they are', async () => {
  expect(await take('odd.webm', { atSeconds: 0 })).toMatchObject({ frame: 0, width: 321, height: 181 })
})

test('A picture that lies on its side stands upright', async () => {
  expect(await take('turned.mp4', { atSeconds: 0, width: 90 })).toMatchObject({ frame: 0, width: 90, height: 160 })
})

test('A PNG is a PNG, a JPEG is a JPEG', async () => {
  expect((await take('clip.webm', { format: 'png' })).head.toString('latin1')).toBe('\u0089PNG')
  expect((await take('clip.webm', { format: 'jpeg' })).head.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]))
})

