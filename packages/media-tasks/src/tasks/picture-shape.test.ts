import { readFile, writeFile } from 'node:fs/promises'
import { splitVideo, transcodeVideoSegments } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { concatFormats } from '../ffmpeg/input-gate.ts'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { runFfprobe } from '../ffmpeg/run-ffprobe.ts'
import { compareClip } from '../testing/compare-clip.ts'
import { convertVideo } from '../testing/convert-video.ts'
import { makeClip, type Clip } from '../testing/make-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createMediaThumbnailHandler } from './media-thumbnail.ts'

let media: TestTools
let clip: Clip
beforeAll(async () => {
  media = await openTestTools()
  clip = await makeClip(media.tools.ffmpeg, media.clipPath('plain.mp4'), { durationSeconds: 2, videoCodec: 'h264', audioCodecs: [] })
})
afterAll(() => media.close())

async function encoded(name: string, filters: string, options: readonly string[] = []): Promise<string> {
  const codec = ['-vf', filters, '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18', ...options]
  await runFfmpeg(media.tools.ffmpeg, { what: 'make a file', inputs: [{ path: clip.path }], options: codec, output: media.clipPath(name) })
  return media.clipUrl(name)
}

/** Writes a display matrix into an MP4: a, b, c, d (ISO/IEC 14496-12 section 8.3.2). */
async function setMatrix(name: string, corners: readonly [number, number, number, number]): Promise<void> {
  const bytes = await readFile(media.clipPath(name))
  const matrix = bytes.indexOf('tkhd', 0, 'latin1') + 44
  for (const [place, corner] of corners.entries()) bytes.writeInt32BE(corner * 65_536, matrix + [0, 4, 12, 16][place]!)
  await writeFile(media.clipPath(name), bytes)
}

const clean = { frameCount: 60, lost: 0, doubled: 0, reordered: 0, unreadable: 0, width: 320, height: 180, rotationDegrees: 0, pixelFormat: 'yuv420p' }

test.each([
  ['left and right', 'hflip', [-1, 0, 0, 1]],
  ['top and bottom', 'vflip', [1, 0, 0, -1]],
  ['along one diagonal', 'transpose=cclock_flip', [0, 1, 1, 0]],
  ['along the other', 'transpose=clock_flip', [0, -1, -1, 0]],
] as const)('A picture that is mirrored (%s) comes out as it was', async (_, filter, matrix) => {
  const name = `${filter.replace('=', '-')}.mp4`
  const url = await encoded(name, filter)
  await setMatrix(name, matrix)
  const { combined } = await convertVideo(media.tools, url)
  expect(await compareClip(media.tools.ffmpeg, clip, media.pathOf(combined.finalVideo))).toMatchObject(clean)
  expect(combined.notes).toEqual([expect.stringMatching(/mirrored/)])
})

test.each([
  ['twice as wide as high', 'scale=160:180,setsar=2', '2:1'],
  ['half as wide as high', 'scale=320:90,setsar=1/2', '1:2'],
])('Pixels that are %s become square', async (_, filters, aspect) => {
  const url = await encoded(`sar-${aspect.replace(':', '-')}.mkv`, filters)
  const { combined } = await convertVideo(media.tools, url)
  expect(await compareClip(media.tools.ffmpeg, clip, media.pathOf(combined.finalVideo))).toMatchObject(clean)
  expect(combined.notes).toEqual([expect.stringContaining(`pixels of ${aspect}`)])
  expect(await createMediaThumbnailHandler(media.tools)({ url }, createTestContext({ taskName: 'media_thumbnail' }))).toMatchObject({ width: 320, height: 180 })
})

test.each([
  ['run-length.mov', ['-c:v', 'qtrle']],
  ['palette.avi', ['-c:v', 'rawvideo', '-pix_fmt', 'pal8']],
])('What Matroska cannot hold comes out whole, also where it is split as it is: %s', async (name, codec) => {
  await runFfmpeg(media.tools.ffmpeg, { what: 'make a file', inputs: [{ path: clip.path }], options: codec, output: media.clipPath(name) })
  const { combined, context } = await convertVideo(media.tools, media.clipUrl(name))
  expect(await compareClip(media.tools.ffmpeg, clip, media.pathOf(combined.finalVideo))).toMatchObject(clean)
  expect(combined.notes).toEqual([expect.stringContaining('Matroska')])
  const [split] = await context.runTasks([{ task: splitVideo, input: { videoUrl: media.clipUrl(name), minPartSeconds: 0.5 } }])
  expect(split).toMatchObject({ files: [], notes: [expect.stringContaining('Matroska')] })
  const [transcoded] = await context.runTasks([{ task: transcodeVideoSegments, input: { ...split!, preset: 'ultrafast' } }])
  expect(transcoded!.parts.map(({ frameCount }) => frameCount)).toEqual([15, 15, 15, 15])
})

test('A recording in fragments of one picture each, as it is sent to players, comes out whole', async () => {
  const fragments = ['-c', 'copy', '-movflags', 'dash+delay_moov+frag_every_frame']
  await runFfmpeg(media.tools.ffmpeg, { what: 'make a file', inputs: [{ path: clip.path }], options: fragments, output: media.clipPath('sent.mp4') })
  const { combined } = await convertVideo(media.tools, media.clipUrl('sent.mp4'))
  expect(await compareClip(media.tools.ffmpeg, clip, media.pathOf(combined.finalVideo))).toMatchObject(clean)
})

test('Interlaced frames are made whole, each once', async () => {
  const { stripped, combined } = await convertVideo(media.tools, await encoded('rows.mkv', 'setfield=tff', ['-flags', '+ilme+ildct', '-x264opts', 'tff=1']))
  expect(stripped.interlaced).toBe('top')
  expect(await compareClip(media.tools.ffmpeg, clip, media.pathOf(combined.finalVideo))).toMatchObject(clean)
  expect(combined.notes).toEqual([expect.stringMatching(/interlaced \(top rows first\)/)])
})

test('A size that changes on the way is fitted into the first one, with bars', async () => {
  for (const [name, width, height] of [['one.mkv', 320, 180], ['two.mkv', 180, 320]] as const) {
    await makeClip(media.tools.ffmpeg, media.clipPath(name), { durationSeconds: 1, width, height, videoCodec: 'vp8', audioCodecs: [] })
  }
  await writeFile(media.clipPath('list'), 'ffconcat version 1.0\nfile one.mkv\nfile two.mkv\n')
  const inputs = [{ path: media.clipPath('list'), options: ['-f', 'concat'], formats: concatFormats }]
  await runFfmpeg(media.tools.ffmpeg, { what: 'join', inputs, options: ['-c', 'copy'], output: media.clipPath('turned.webm') }, { cwd: media.clipPath('.') })
  const { combined } = await convertVideo(media.tools, media.clipUrl('turned.webm'), { split: { minPartSeconds: 0.5 } })
  const { json } = await runFfprobe(media.tools.ffmpeg, { path: media.pathOf(combined.finalVideo), show: ['-show_streams'] }, media.tools)
  expect(json).toMatchObject({ streams: [{ width: 320, height: 180, sample_aspect_ratio: '1:1', nb_frames: '60' }] })
})

test.each([
  [true, { pix_fmt: 'yuv420p', color_transfer: 'bt709', color_primaries: 'bt709' }, /brought into the usual one/],
  [false, { pix_fmt: 'yuv420p10le', color_transfer: 'smpte2084', color_primaries: 'bt2020' }, /kept, in 10 bit/],
])('A high dynamic range is never named what it is not (zimg: %s)', async (supportsToneMapping, colours, note) => {
  const options = ['-pix_fmt', 'yuv420p10le', '-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc']
  const { ffmpeg, limits } = media.tools
  const tools = { ...media.tools, ffmpeg: { ...ffmpeg, supportsToneMapping: supportsToneMapping && ffmpeg.supportsToneMapping } }
  const { combined } = await convertVideo(tools, await encoded('pq.mkv', 'null', options))
  const { json } = await runFfprobe(ffmpeg, { path: media.pathOf(combined.finalVideo), show: ['-show_streams'] }, { limits })
  expect(json).toMatchObject({ streams: [colours] })
  expect(combined).toMatchObject({ frameCount: 60, notes: [expect.stringMatching(note)] })
})
