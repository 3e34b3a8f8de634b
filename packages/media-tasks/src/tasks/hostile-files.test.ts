import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseInput, type TracksError } from '@track-orchestrator/registry'
import { combineAudioSegments, mediaAudioExtract, mediaThumbnail, mergeAudioVideo, splitVideo, transcodeVideoSegment } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, expect, test } from 'vitest'
import { downloadRules } from '../download/download-rules.ts'
import { makeClip } from '../testing/make-clip.ts'
import { makeHostileFiles, withPictureSize, type HostileFile } from '../testing/hostile-files.ts'
import { openTestTools } from '../testing/test-tools.ts'
import { startWebServer } from '../testing/web-server.ts'
import { createCombineAudioSegmentsHandler } from './combine-audio-segments.ts'
import { createCombineVideoSegmentsHandler } from './combine-video-segments.ts'
import { createMediaAudioExtractHandler } from './media-audio-extract.ts'
import { createMediaProbeHandler } from './media-probe.ts'
import { createMediaThumbnailHandler } from './media-thumbnail.ts'
import { createMergeAudioVideoHandler } from './merge-audio-video.ts'
import { createSplitVideoHandler } from './split-video.ts'
import { createTranscodeVideoSegmentHandler } from './transcode-video-segment.ts'
import { createVideoStripAudiosHandler } from './video-strip-audios.ts'

/** Stands in every file that nobody may read. */
const secret = 'PLANTED-SECRET-8d1f'
const outside = await mkdtemp(join(tmpdir(), 'hostile-secret-'))
const secretPath = join(outside, 'secret.ts')
const webServer = await startWebServer((request, response) => {
  const file = files[Number(request.url?.slice(1))]
  response.writeHead(file ? 200 : 404, { 'content-type': 'video/webm' }).end(file?.bytes)
})
/** It would give a video to whoever asked. */
const privateServer = await startWebServer(async (_, response) => void response.end(await readFile(secretPath)))
const media = await openTestTools({
  download: downloadRules({
    allowHttp: true,
    mayReach: (address, port) => address === '127.0.0.1' && port === webServer.port,
    resolveHost: () => Promise.resolve(['127.0.0.1']),
  }),
})
const { tools } = media
await mkdir(join(outside, 'made'))
const { ffmpeg } = tools
const made = (name: string) => join(outside, 'made', name)
await makeClip(ffmpeg, secretPath, { durationSeconds: 1, videoCodec: 'h264', audioCodecs: ['aac'], extraOptions: ['-f', 'mpegts', '-metadata', `service_name=${secret}`, '-metadata', `title=${secret}`] })
await writeFile(join(outside, 'secret.txt'), secret)
await makeClip(ffmpeg, media.clipPath('good.webm'), { durationSeconds: 1 })
await makeClip(ffmpeg, made('vp8.webm'), { durationSeconds: 1, videoCodec: 'vp8', audioCodecs: [] })
for (const [width, height] of [[16_383, 16_383], [10_000, 10_000]] as const) {
  await writeFile(media.clipPath(`bomb-${width}.webm`), withPictureSize(await readFile(made('vp8.webm')), width, height))
}
const files: HostileFile[] = await makeHostileFiles({ ffmpeg, at: made, secretPath, privateOrigin: `http://127.0.0.1:${privateServer.port}` })
for (const [number, { bytes }] of files.entries()) await writeFile(media.clipPath(`${number}.webm`), bytes)
const before = await media.allFiles()

afterAll(async () => {
  await Promise.all([webServer.close(), privateServer.close(), media.close(), rm(outside, { recursive: true })])
})

const good = media.clipUrl('good.webm')
const segment = { index: 0, startSeconds: 0, endSeconds: 1, text: 'x' }
const part = { index: 0, startSeconds: 0, durationSeconds: 1, frameCount: 30 }
const video = { durationSeconds: 1, frameCount: 30, frameRate: '30/1', variableFrameRate: false, width: 320, height: 180, rotationDegrees: 0 }

const context = () => createTestContext({ taskName: 'a_task' })
const refusal = (work: Promise<unknown>) => work.then(() => expect.fail('it was taken on'), (error: TracksError) => error) // prettier-ignore
/** Each way by which a medium comes into a task. */
const ways = {
  'media_probe url': async (url) => createMediaProbeHandler(tools)({ url }, context()),
  'media_audio_extract url': async (url) => createMediaAudioExtractHandler(tools)(await parseInput(mediaAudioExtract, { url }), context()),
  'media_thumbnail url': async (url) => createMediaThumbnailHandler(tools)(await parseInput(mediaThumbnail, { url }), context()),
  'video_strip_audios url': async (url) => createVideoStripAudiosHandler(tools)({ url }, context()),
  'split_video videoUrl': async (videoUrl) => createSplitVideoHandler(tools)(await parseInput(splitVideo, { videoUrl }), context()),
  'transcode_video_segment part': async (url) => createTranscodeVideoSegmentHandler(tools)(await parseInput(transcodeVideoSegment, { part: { ...part, url }, video }), context()),
  'combine_video_segments parts': async (url) => createCombineVideoSegmentsHandler(tools)({ parts: [{ ...part, url }] }, context()),
  'combine_audio_segments segments': async (audioUrl) => createCombineAudioSegmentsHandler(tools)(await parseInput(combineAudioSegments, { segments: [{ ...segment, audioUrl }] }), context()),
  'merge_audio_video videoUrl': async (videoUrl) => createMergeAudioVideoHandler(tools)(await parseInput(mergeAudioVideo, { videoUrl, audioUrl: good }), context()),
  'merge_audio_video audioUrl': async (audioUrl) => createMergeAudioVideoHandler(tools)(await parseInput(mergeAudioVideo, { videoUrl: good, audioUrl }), context()),
} satisfies Record<string, (url: string) => Promise<unknown>>
const strip = ways['video_strip_audios url']
const extract = ways['media_audio_extract url']

const expectNothingOut = async (error: TracksError, codes: readonly string[]) => {
  expect(codes, error.message).toContain(error.code)
  expect(error).toMatchObject({ name: 'TerminalError', retryable: false })
  expect(JSON.stringify([error.message, error.cause])).not.toMatch(new RegExp(`${secret}|${outside}`))
  expect(privateServer.requests).toEqual([])
  expect(await media.allFiles()).toEqual(before)
}

test('The secret is one that would be found, were it read', async () => {
  expect(String(await readFile(secretPath))).toContain(secret)
  expect(files.length).toBeGreaterThanOrEqual(40)
})

test.each(files.map((file, number) => [file.name, file.codes, number] as const))('%s is refused, from the web and from disk', async (_, codes, number) => {
  await expectNothingOut(await refusal(strip(`http://media.test:${webServer.port}/${number}`)), codes)
  await expectNothingOut(await refusal(extract(media.clipUrl(`${number}.webm`))), codes)
})

test.each(Object.entries(ways))('A playlist in disguise comes in by no way: %s', async (_, way) => {
  const url = `http://media.test:${webServer.port}/0`
  await expectNothingOut(await refusal(way(url)), ['media/format_refused'])
})

test.each(['bomb-16383.webm', 'bomb-10000.webm'])('Pictures that are far larger than their header says are not decoded: %s', async (name) => {
  const url = media.clipUrl(name)
  await expectNothingOut(await refusal(ways['transcode_video_segment part'](url)), ['media/too_large'])
  await expectNothingOut(await refusal(ways['media_thumbnail url'](url)), ['media/too_large', 'media/no_video'])
})

test('An encode that would never end is stopped at the limit, and says so', async () => {
  const limited = { ...tools, limits: { ...tools.limits, outputBytes: 20_000 } }
  const handler = async () => createMediaAudioExtractHandler(limited)(await parseInput(mediaAudioExtract, { url: good }), context())
  await expectNothingOut(await refusal(handler()), ['media/too_large'])
})
