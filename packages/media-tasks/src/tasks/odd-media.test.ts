import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { createFileStorage } from '../file-storage/file-storage.ts'
import { convertVideo, mergeSound } from '../testing/convert-video.ts'
import { makeClip } from '../testing/make-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createMediaAudioExtractHandler } from './media-audio-extract.ts'
import { createMediaProbeHandler } from './media-probe.ts'
import { createMediaThumbnailHandler } from './media-thumbnail.ts'
import { createVideoStripAudiosHandler } from './video-strip-audios.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
  await makeClip(media.tools.ffmpeg, media.clipPath('plain.mp4'), { durationSeconds: 2, videoCodec: 'h264', audioCodecs: ['aac'] })
})
afterAll(() => media.close())

/** Makes a file of the plain clip, which the real encoder writes as people's programs do. */
async function remade(name: string, options: readonly string[], inputOptions: readonly string[] = []): Promise<string> {
  const inputs = [{ path: media.clipPath('plain.mp4'), options: inputOptions }]
  await runFfmpeg(media.tools.ffmpeg, { what: 'make a file', inputs, options, output: media.clipPath(name) })
  return media.clipUrl(name)
}
const copied = ['-map', '0', '-c', 'copy']
const context = () => createTestContext({ taskName: 'a_task' })

test('a cover, attachments and subtitles in codecs that are not read here refuse nothing', async () => {
  const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
  await writeFile(media.clipPath('cover.gif'), gif)
  await writeFile(media.clipPath('font.ttf'), 'no font at all')
  const attached = Array.from({ length: 110 }, (_, place) => ['-attach', media.clipPath('font.ttf'), `-metadata:s:t:${place}`, 'mimetype=font/ttf', `-metadata:s:t:${place}`, `filename=font-${place}.ttf`]).flat()
  const cover = ['-attach', media.clipPath('cover.gif'), '-metadata:s:t:110', 'mimetype=image/gif', '-metadata:s:t:110', 'filename=cover.gif']
  const url = await remade('full.mkv', [...copied, ...attached, ...cover])
  const { stripped, combined } = await convertVideo(media.tools, url)
  expect([stripped.frameCount, combined.frameCount]).toEqual([60, 60])
  // Old builds of ffmpeg count the encoder's first frame of 1,024 samples in.
  expect((await createMediaAudioExtractHandler(media.tools)({ url }, context())).durationSeconds).toBeCloseTo(2, 1)
  expect(await createMediaProbeHandler(media.tools)({ url }, context())).toMatchObject({ video: [{ codec: 'h264' }], audio: [{ codec: 'aac' }] })
})

test('a video of one picture without sound stays one', async () => {
  const url = await remade('one.mp4', ['-map', '0:v', '-c:v', 'libx264', '-frames:v', '1'])
  expect((await convertVideo(media.tools, url)).combined.frameCount).toBe(1)
})

test('a picture that cannot be decoded here refuses the picture, not the sound', async () => {
  const url = await remade('flv1.mkv', ['-map', '0', '-c:v', 'flv1', '-c:a', 'copy'])
  await expect(createVideoStripAudiosHandler(media.tools)({ url }, context())).rejects.toMatchObject({ code: 'media/format_refused' })
  const { durationSeconds } = await createMediaAudioExtractHandler(media.tools)({ url }, context())
  expect(durationSeconds).toBeCloseTo(2, 1)
})

test('a clock that begins at 100,000 s counts from its own beginning, with a length in the header or without', async () => {
  const late = ['-output_ts_offset', '100000', '-avoid_negative_ts', 'disabled']
  for (const [name, live] of [['late.mkv', []], ['late-live.mkv', ['-live', '1']]] as const) {
    const url = await remade(name, [...copied, ...late, ...live])
    expect((await createMediaProbeHandler(media.tools)({ url }, context())).durationSeconds).toBeCloseTo(2, 0)
    expect(await createVideoStripAudiosHandler(media.tools)({ url }, context())).toMatchObject({ frameCount: 60, durationSeconds: 2 })
    expect(await createMediaAudioExtractHandler(media.tools)({ url }, context())).toMatchObject({ durationSeconds: 2 })
  }
})

const oddNames = [`C# talks? 100%20 "a" 'b'\n; -i`, `Видео 動画 فيديو ${'é'.repeat(100)}`]
test.each(oddNames)('folders of inputs, of storage and for temporary files may be called %j', async (name) => {
  const folder = join(media.clipPath('.'), name)
  await mkdir(folder)
  const path = join(folder, `${name.slice(0, 40)}.mp4`)
  await copyFile(media.clipPath('plain.mp4'), path)
  const storage = createFileStorage({ root: join(folder, 'storage'), readableFolders: [folder] })
  const tools = { ...media.tools, storage, temporaryFolder: join(folder, 'temporary') }
  const url = pathToFileURL(path).href
  const { combined, split } = await convertVideo(tools, url, { split: { minPartSeconds: 1 } })
  expect([split.parts.length, combined.frameCount]).toEqual([2, 60])
  const { audioUrl } = await createMediaAudioExtractHandler(tools)({ url }, context())
  expect((await mergeSound(tools, audioUrl, combined.finalVideo)).durationSeconds).toBeCloseTo(2, 1)
  expect(await createMediaThumbnailHandler(tools)({ url, atSeconds: 1 }, context())).toMatchObject({ width: 320, height: 180 })
})

test('limits that a person raised hold for what is made of the file, too', async () => {
  const fast = ['-map', '0:v', '-vf', 'scale=64:36,setpts=N/900/TB', '-vsync', 'passthrough', '-enc_time_base', '1:9000', '-c:v', 'mpeg4']
  const url = await remade('fast.mkv', fast, ['-stream_loop', '9'])
  const raised = { ...media.tools, limits: { ...media.tools.limits, framesPerSecond: 1_000 } }
  expect((await createVideoStripAudiosHandler(raised)({ url }, context())).frameCount).toBe(600)
  await expect(createVideoStripAudiosHandler(media.tools)({ url }, context())).rejects.toMatchObject({ code: 'media/too_large' })
})
