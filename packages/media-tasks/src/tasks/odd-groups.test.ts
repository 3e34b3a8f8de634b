import { afterAll, beforeAll, expect, test } from 'vitest'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { compareClip } from '../testing/compare-clip.ts'
import { convertVideo } from '../testing/convert-video.ts'
import { makeClip, type Clip } from '../testing/make-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'

let media: TestTools
let clip: Clip
beforeAll(async () => {
  media = await openTestTools()
  clip = await makeClip(media.tools.ffmpeg, media.clipPath('plain.mkv'), { durationSeconds: 4, videoCodec: 'h264', audioCodecs: [] })
})
afterAll(() => media.close())

async function encoded(name: string, options: readonly string[]): Promise<string> {
  await runFfmpeg(media.tools.ffmpeg, { what: 'make a file', inputs: [{ path: clip.path }], options: ['-an', ...options], output: media.clipPath(name) })
  return media.clipUrl(name)
}

const clean = { frameCount: 120, lost: 0, doubled: 0, reordered: 0, unreadable: 0 }
const exactly = /cut at exact frames/
const again = /encoded once more/

test.each([
  ['H.264 with open groups', 'open.mp4', ['-c:v', 'libx264', '-x264-params', 'open-gop=1:keyint=30:bframes=3'], exactly],
  ['H.265 as x265 makes it', 'x265.mp4', ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'keyint=30:bframes=3:log-level=error'], exactly],
  ['MPEG-2', 'mpeg2.mkv', ['-c:v', 'mpeg2video', '-q:v', '4', '-bf', '2', '-g', '12'], exactly],
  ['MPEG-4 with B-frames in AVI, which tells no times', 'mpeg4.avi', ['-c:v', 'mpeg4', '-q:v', '4', '-bf', '2'], again],
  ['H.264 in AVI', 'h264.avi', ['-c:v', 'libx264', '-preset', 'veryfast'], again],
  ['H.264 in FLV', 'h264.flv', ['-c:v', 'libx264', '-preset', 'veryfast'], undefined],
])('Of %s every frame comes out once, in order, without being asked', async (_, name, options, note) => {
  const { combined, split } = await convertVideo(media.tools, await encoded(name, options), { split: { minPartSeconds: 1 } })
  const compared = await compareClip(media.tools.ffmpeg, clip, media.pathOf(combined.finalVideo))
  expect(compared).toMatchObject(clean)
  expect(compared.frameDriftSeconds).toBeLessThan(0.0015)
  if (note) expect(combined.notes).toEqual([expect.stringMatching(note)])
  if (note === exactly) expect(split.parts).toHaveLength(4)
})

test('A part that cannot be decoded alone is taken out of the whole video, and that is said', async () => {
  const url = await encoded('closed.mkv', ['-c', 'copy'])
  const broken = await encoded('broken.mkv', ['-c', 'copy', '-t', '0.5'])
  const { transcoded, combined } = await convertVideo(media.tools, url, {
    split: { minPartSeconds: 1 },
    between: (parts) => parts.map((part) => (part.index === 2 ? { ...part, url: broken } : part)),
  })
  expect(await compareClip(media.tools.ffmpeg, clip, media.pathOf(combined.finalVideo))).toMatchObject(clean)
  expect(transcoded.notes).toEqual([expect.stringMatching(/taken out of the whole/)])
})
