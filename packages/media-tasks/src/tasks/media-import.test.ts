import { createHash } from 'node:crypto'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { mediaAudioExtract, mediaImport, splitVideo, transcodeVideoSegments, videoStripAudios } from '@track-orchestrator/registry/media'
import { createTestContext, taskSuite } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { downloadRules } from '../download/download-rules.ts'
import { besideIt } from '../kept-facts.ts'
import type { MediaTools } from '../media-tools.ts'
import { makeClip } from '../testing/make-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { videoHandlers } from '../testing/video-handlers.ts'
import { startWebServer } from '../testing/web-server.ts'
import { createMediaAudioExtractHandler } from './media-audio-extract.ts'
import { createMediaImportHandler } from './media-import.ts'

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
  await makeClip(media.tools.ffmpeg, media.clipPath('talk.webm'), { durationSeconds: 4 })
  await makeClip(media.tools.ffmpeg, media.clipPath('talk.mp4'), { durationSeconds: 2, videoCodec: 'h264', audioCodecs: ['aac'] })
})
afterAll(() => media.close())

taskSuite({
  contract: mediaImport,
  handler: () => createMediaImportHandler(media.tools),
  examples: { 'a WebM': () => ({ url: media.clipUrl('talk.webm') }), 'an MP4': () => ({ url: media.clipUrl('talk.mp4') }) },
  refuses: { 'no URL': { input: {}, path: 'url' } },
})

const contextOf = (tools: MediaTools) =>
  createTestContext({ handlers: { ...videoHandlers(tools), media_import: createMediaImportHandler(tools), media_audio_extract: createMediaAudioExtractHandler(tools) } })
const bringIn = async (url: string, tools: MediaTools = media.tools) => (await contextOf(tools).runTasks([{ task: mediaImport, input: { url } }]))[0]!
const extract = async (url: string, tools: MediaTools = media.tools) => (await contextOf(tools).runTasks([{ task: mediaAudioExtract, input: { url } }]))[0]!
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

test.each([
  ['talk.webm', 'webm', 'video/webm', { video: [{ codec: 'vp9', width: 320, height: 180 }], audio: [{ codec: 'opus' }] }],
  ['talk.mp4', 'mp4', 'video/mp4', { video: [{ codec: 'h264' }], audio: [{ codec: 'aac' }] }],
])('%s is brought into the storage as it is, and told what it holds', async (name, format, contentType, facts) => {
  const content = await readFile(media.clipPath(name))
  const imported = await bringIn(media.clipUrl(name))
  expect(imported).toMatchObject({ sourceUrl: media.clipUrl(name), sizeBytes: content.length, sha256: sha256(content), facts, files: [{ format, contentType }] })
  expect(await readFile(media.pathOf(imported.url))).toEqual(content)
})

test('What was brought in stays as it is, whatever becomes of its source', async () => {
  await writeFile(media.clipPath('growing.webm'), await readFile(media.clipPath('talk.webm')))
  const imported = await bringIn(media.clipUrl('growing.webm'))
  await appendFile(media.clipPath('growing.webm'), 'more')
  expect(sha256(await readFile(media.pathOf(imported.url)))).toBe(imported.sha256)
})

test('A file from the web is fetched once for all steps', async () => {
  const server = await startWebServer(async (_, response) => void response.end(await readFile(media.clipPath('talk.webm'))))
  try {
    const tools = { ...media.tools, download: downloadRules({ allowHttp: true, mayReach: (address) => address === '127.0.0.1' }) }
    const url = `http://127.0.0.1:${server.port}/talk.webm`
    const imported = await bringIn(url, tools)
    const context = contextOf(tools)
    const [sound] = await context.runTasks([{ task: mediaAudioExtract, input: { url: imported.url, sourceUrl: imported.sourceUrl } }])
    const [stripped] = await context.runTasks([{ task: videoStripAudios, input: { url: imported.url } }])
    expect(sound!.sourceUrl).toBe(url)
    expect(stripped!.frameCount).toBe(120)
    expect(server.requests).toEqual(['GET /talk.webm'])
  } finally {
    await server.close()
  }
})

test('No later step looks at it again with ffprobe, and all come to the same as if they had', async () => {
  const imported = await bringIn(media.clipUrl('talk.webm'))
  const work = async (tools: MediaTools, url: string) => {
    const context = contextOf(tools)
    const [sound] = await context.runTasks([{ task: mediaAudioExtract, input: { url } }])
    const [stripped] = await context.runTasks([{ task: videoStripAudios, input: { url } }])
    const [split] = await context.runTasks([{ task: splitVideo, input: { ...stripped!, partCount: 2 } }])
    const [made] = await context.runTasks([{ task: transcodeVideoSegments, input: { ...split!, preset: 'ultrafast' } }])
    return { seconds: sound!.durationSeconds, stripped: { ...stripped, videoUrl: '', files: [] }, parts: made!.parts.map((part) => ({ ...part, url: '', whole: undefined })) }
  }
  const withoutFfprobe = { ...media.tools, ffmpeg: { ...media.tools.ffmpeg, ffprobePath: '/nowhere/ffprobe' } }
  const known = await work(withoutFfprobe, imported.url)
  expect(known).toEqual(await work(media.tools, media.clipUrl('talk.webm')))
  expect(known.parts.map(({ frameCount }) => frameCount)).toEqual([60, 60])
})

test('What is known of a file is not believed of another one that has taken its place', async () => {
  const imported = await bringIn(media.clipUrl('talk.webm'))
  await writeFile(media.pathOf(imported.url), 'no medium at all')
  await expect(extract(imported.url)).rejects.toMatchObject({ code: 'media/not_media' })
})

test('What somebody else has put in the place of what is known is passed over', async () => {
  const imported = await bringIn(media.clipUrl('talk.webm'))
  for (const odd of ['', '[]', '{"version":1,"sizeBytes":1}', JSON.stringify({ version: 1, sizeBytes: imported.sizeBytes, facts: { container: 7 } })]) {
    await writeFile(besideIt(media.pathOf(imported.url)), odd)
    expect(await extract(imported.url)).toMatchObject({ durationSeconds: expect.closeTo(4, 1) })
  }
})

test('The limits of a worker hold for what another one has brought in', async () => {
  const imported = await bringIn(media.clipUrl('talk.webm'))
  const limited = (limits: Partial<MediaTools['limits']>) => extract(imported.url, { ...media.tools, limits: { ...media.tools.limits, ...limits } })
  await expect(limited({ durationSeconds: 2 })).rejects.toMatchObject({ code: 'media/too_long' })
  await expect(limited({ pixels: 100 })).rejects.toMatchObject({ code: 'media/too_large' })
  await expect(limited({ frames: 50 })).rejects.toMatchObject({ code: 'media/too_large' })
})

test('Nothing is left in the folder for temporary files', async () => {
  expect(await media.temporaryFiles()).toEqual([])
})
