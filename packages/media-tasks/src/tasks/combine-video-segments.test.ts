import { combineVideoSegments, type VideoPart } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { convertVideo, type ConvertedVideo } from '../testing/convert-video.ts'
import { makeClip } from '../testing/make-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createCombineVideoSegmentsHandler } from './combine-video-segments.ts'

let media: TestTools
let made: ConvertedVideo
let other: ConvertedVideo

beforeAll(async () => {
  media = await openTestTools()
  await makeClip(media.tools.ffmpeg, media.clipPath('clip.webm'), { durationSeconds: 4 })
  made = await convertVideo(media.tools, media.clipUrl('clip.webm'))
  other = await convertVideo(media.tools, media.clipUrl('clip.webm'), { transcode: { outputHeight: 120 } })
})
afterAll(() => media.close())

async function combine(parts: readonly VideoPart[]) {
  const context = createTestContext({ handlers: { combine_video_segments: createCombineVideoSegmentsHandler(media.tools) } })
  const [combined] = await context.runTasks([{ task: combineVideoSegments, input: { parts: [...parts] } }])
  return combined!
}

test('Parts are joined in the order of their numbers, however they are listed', async () => {
  const combined = await combine(made.transcoded.parts.toReversed())
  expect(combined).toMatchObject({ frameCount: 120, durationSeconds: 4 })
})

test('Joining says media/frames_lost where a part does not hold what it should', async () => {
  const parts = made.transcoded.parts.map((part) => (part.index === 1 ? { ...part, frameCount: part.frameCount + 1 } : part))
  await expect(combine(parts)).rejects.toMatchObject({ code: 'media/frames_lost', retryable: false })
})

test('Parts that were encoded differently are not joined', async () => {
  await expect(combine([made.transcoded.parts[0]!, other.transcoded.parts[1]!])).rejects.toMatchObject({ code: 'media/format_refused' })
})

test('Parts that were not transcoded are not joined', async () => {
  await expect(combine(made.split.parts)).rejects.toMatchObject({ code: 'media/format_refused' })
})
