import { writeFile } from 'node:fs/promises'
import { videoStripAudios } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { concatFormats } from '../ffmpeg/input-gate.ts'
import { measureVideo, ownVideo } from '../ffmpeg/measure-video.ts'
import { readPackets } from '../ffmpeg/packets.ts'
import { probeMedia } from '../ffmpeg/probe-media.ts'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { convertVideo } from '../testing/convert-video.ts'
import { makeClip, type ClipOptions } from '../testing/make-clip.ts'
import { readVideo } from '../testing/read-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createVideoStripAudiosHandler } from './video-strip-audios.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
})
afterAll(() => media.close())

async function strip(name: string) {
  const context = createTestContext({ handlers: { video_strip_audios: createVideoStripAudiosHandler(media.tools) } })
  const [stripped] = await context.runTasks([{ task: videoStripAudios, input: { url: media.clipUrl(name) } }])
  return { ...stripped!, path: media.pathOf(stripped!.videoUrl) }
}

test.each<[string, ClipOptions, object]>([
  ['whole.webm', {}, { frameRate: '30/1', variableFrameRate: false, frameCount: 60, durationSeconds: expect.closeTo(2.4, 1) }],
  ['ntsc.webm', { frameRate: '30000/1001' }, { frameRate: '30000/1001', variableFrameRate: false, frameCount: 60 }],
  ['film.webm', { frameRate: '24000/1001', videoCodec: 'vp8' }, { frameRate: '24000/1001', variableFrameRate: false, frameCount: 48 }],
  ['slow.webm', { frameRate: '25/2' }, { frameRate: '25/2', variableFrameRate: false, frameCount: 25 }],
  ['fast.mp4', { frameRate: '120/1', videoCodec: 'h264', audioCodecs: ['aac'] }, { frameRate: '120/1', variableFrameRate: false, frameCount: 240 }],
  ['varied.webm', { variableFrameRate: true }, { variableFrameRate: true, frameCount: 60 }],
  ['varied.mp4', { variableFrameRate: true, videoCodec: 'h264', audioCodecs: ['aac'] }, { variableFrameRate: true, frameCount: 60 }],
])('The stripped picture of %s begins at 0, and its frames are counted and timed', async (name, clipOptions, facts) => {
  await makeClip(media.tools.ffmpeg, media.clipPath(name), { durationSeconds: 2, videoStartSeconds: 0.4, ...clipOptions })
  const { path, ...stripped } = await strip(name)
  expect(stripped).toMatchObject({ ...facts, width: 320, height: 180, rotationDegrees: 0 })
  const { firstSeconds, frameCount } = await measureVideo(media.tools.ffmpeg, path, { ...ownVideo, codec: clipOptions.videoCodec ?? 'vp9' }, media.tools)
  expect({ firstSeconds, frameCount }).toEqual({ firstSeconds: 0, frameCount: stripped.frameCount })
  expect((await probeMedia(media.tools.ffmpeg, path, media.tools)).audio).toEqual([])
})

test('Frames that an edit list hides stay hidden, and the others come out at their times', async () => {
  const { ffmpeg } = media.tools
  await makeClip(ffmpeg, media.clipPath('uncut.mp4'), { durationSeconds: 4, videoCodec: 'h264', audioCodecs: [], keyframes: 2 })
  await runFfmpeg(ffmpeg, {
    what: 'trim a clip',
    inputs: [{ path: media.clipPath('uncut.mp4'), options: ['-ss', '0.5'] }],
    options: ['-c', 'copy'],
    output: media.clipPath('trimmed.mp4'),
  })
  const shown = await readVideo(ffmpeg, media.clipPath('trimmed.mp4'))
  const { combined } = await convertVideo(media.tools, media.clipUrl('trimmed.mp4'))
  const converted = await readVideo(ffmpeg, media.pathOf(combined.finalVideo))
  expect(shown.frames[0]!.index).toBeGreaterThanOrEqual(15)
  expect(converted.frames.map(({ index }) => index)).toEqual(shown.frames.map(({ index }) => index))
})

test('A recording that changes its size half-way comes out whole, in the size it began with', async () => {
  const { ffmpeg } = media.tools
  const sizes = [
    ['small.webm', { width: 320, height: 180 }],
    ['large.webm', { width: 640, height: 360 }],
  ] as const
  for (const [name, size] of sizes) {
    await makeClip(ffmpeg, media.clipPath(name), { durationSeconds: 2, videoCodec: 'vp8', audioCodecs: [], ...size })
  }
  await writeFile(media.clipPath('list'), 'ffconcat version 1.0\nfile small.webm\nfile large.webm\n')
  await runFfmpeg(ffmpeg, {
    what: 'join two clips',
    inputs: [{ path: media.clipPath('list'), options: ['-f', 'concat'], formats: concatFormats }],
    options: ['-c', 'copy'],
    output: media.clipPath('resized.webm'),
  })
  const { combined, split } = await convertVideo(media.tools, media.clipUrl('resized.webm'), { split: { minPartSeconds: 1 } })
  const { frames, facts } = await readVideo(ffmpeg, media.pathOf(combined.finalVideo))
  expect(split.parts.length).toBeGreaterThan(2)
  expect(facts.video[0]).toMatchObject({ width: 320, height: 180 })
  expect(frames.map(({ index }) => index)).toEqual(Array.from({ length: 120 }, (_, place) => place % 60))
  // Said as well where the size changes in the midst of a part.
  const whole = await convertVideo(media.tools, media.clipUrl('resized.webm'), { split: { partCount: 1 } })
  for (const { notes } of [combined, whole.combined]) expect(notes).toEqual(['The video changes its size on the way: all of it was fitted into the first one, with bars.'])
})

test('VP8 frames that are never shown are not counted, and do no harm', async () => {
  const { ffmpeg } = media.tools
  await makeClip(ffmpeg, media.clipPath('plain.webm'), { durationSeconds: 3, audioCodecs: [] })
  const altref = ['-c:v', 'libvpx', '-b:v', '300k', '-auto-alt-ref', '1', '-lag-in-frames', '16', '-g', '30', '-passlogfile', media.clipPath('pass')]
  const inputs = [{ path: media.clipPath('plain.webm') }]
  await runFfmpeg(ffmpeg, { what: 'look ahead', inputs, options: [...altref, '-pass', '1', '-f', 'webm'], output: media.clipPath('nothing.webm') })
  await runFfmpeg(ffmpeg, { what: 'encode', inputs, options: [...altref, '-pass', '2'], output: media.clipPath('altref.webm') })
  let packets = 0
  for await (const _ of readPackets(ffmpeg, media.clipPath('altref.webm'), 'v:0', media.tools)) packets++
  expect(packets).toBeGreaterThan(90)

  const { stripped, combined } = await convertVideo(media.tools, media.clipUrl('altref.webm'), { split: { minPartSeconds: 1 } })
  expect(stripped).toMatchObject({ frameCount: 90, frameRate: '30/1', variableFrameRate: false })
  const { frames } = await readVideo(ffmpeg, media.pathOf(combined.finalVideo))
  expect(frames.map(({ index }) => index)).toEqual(Array.from({ length: 90 }, (_, place) => place))
})
