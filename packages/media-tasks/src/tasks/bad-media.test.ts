import { copyFile, readFile, symlink, writeFile } from 'node:fs/promises'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { makeClip } from '../testing/make-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createMediaProbeHandler } from './media-probe.ts'
import { createVideoStripAudiosHandler } from './video-strip-audios.ts'

let media: TestTools
let before: string[]

beforeAll(async () => {
  media = await openTestTools()
  const { ffmpeg } = media.tools
  const at = media.clipPath
  await makeClip(ffmpeg, at('good.webm'), { durationSeconds: 2 })
  await makeClip(ffmpeg, at('good.mp4'), { durationSeconds: 2, videoCodec: 'h264', audioCodecs: ['aac'], extraOptions: ['-movflags', '+faststart'] })
  await makeClip(ffmpeg, at('index-last.mp4'), { durationSeconds: 2, videoCodec: 'h264', audioCodecs: ['aac'] })
  const copy = async (options: string[], output: string, path = 'good.webm') =>
    runFfmpeg(ffmpeg, { what: 'make a test file', inputs: [{ path: at(path) }], options: ['-c', 'copy', ...options], output: at(output) })
  await copy(['-vn'], 'sound-only.webm')
  await copy(['-live', '1'], 'live.webm')
  const cut = async (name: string, share: number, output = `cut-${name}`) => {
    const bytes = await readFile(at(name))
    await writeFile(at(output), bytes.subarray(0, Math.floor(bytes.length * share)))
  }
  for (const name of ['good.webm', 'good.mp4', 'index-last.mp4']) await cut(name, 0.6)
  await cut('good.mp4', 0.001, 'only-the-head.mp4')
  await writeFile(at('empty.webm'), '')
  await writeFile(at('text.webm'), 'This is just a text.\n'.repeat(100))
  await writeFile(at('noise.webm'), Buffer.from(Array.from({ length: 5_000 }, (_, place) => (place * 7_919 + (place >> 3) * 104_729) % 256)))
  await writeFile(at('hls.webm'), `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${at('good.mp4')}\n#EXT-X-ENDLIST\n`)
  await writeFile(at('concat.webm'), `ffconcat version 1.0\nfile good.mp4\n`)
  await writeFile(at('dash.webm'), '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>')
  await writeFile(at('gif.webm'), Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'))
  await symlink('/etc/passwd', at('link.webm'))
  await copyFile(at('good.webm'), at('-i evil;$(touch pwned) %03d.webm'))
  before = await media.allFiles()
})
afterAll(() => media.close())

const probe = async (url: string) => createMediaProbeHandler(media.tools)({ url }, createTestContext({ taskName: 'media_probe' }))
const strip = async (url: string) => createVideoStripAudiosHandler(media.tools)({ url }, createTestContext({ taskName: 'video_strip_audios' }))

test.each([
  ['a file of zero bytes', 'empty.webm', 'media/empty'],
  ['a text', 'text.webm', 'media/not_media'],
  ['noise', 'noise.webm', 'media/not_media'],
  ['half a WebM', 'cut-good.webm', 'media/truncated'],
  ['half an MP4 with its index first', 'cut-good.mp4', 'media/truncated'],
  ['half an MP4 with its index last', 'cut-index-last.mp4', 'media/truncated'],
  ['the first bytes of an MP4', 'only-the-head.mp4', 'media/truncated'],
  ['an HLS playlist in disguise', 'hls.webm', 'media/format_refused'],
  ['a concat list in disguise', 'concat.webm', 'media/format_refused'],
  ['a DASH manifest in disguise', 'dash.webm', 'media/format_refused'],
  ['a picture in disguise', 'gif.webm', 'media/format_refused'],
  ['a link that leads elsewhere', 'link.webm', 'media/url_refused'],
  ['a file that is not there', 'nothing.webm', 'media/not_found'],
])('Every media task refuses %s, says what it is, and cleans up', async (_, name, code) => {
  await expect(strip(media.clipUrl(name))).rejects.toMatchObject({ code, retryable: false, name: 'TerminalError' })
  expect(await media.allFiles()).toEqual(before)
})

test.each([
  ['an address', 'http://127.0.0.1:9/video.webm'],
  ['a protocol of ffmpeg', 'concat:/etc/hostname|/etc/hosts'],
  ['a plain path', '/etc/passwd'],
  ['a file elsewhere', 'file:///etc/passwd'],
  ['an option', '-i'],
  ['the standard input', 'pipe:0'],
])('Every media task refuses %s as a URL', async (_, url) => {
  await expect(probe(url)).rejects.toMatchObject({ code: 'media/url_refused', retryable: false })
})

test('A video task says that a file with sound only has no video, and what it has', async () => {
  const error = await strip(media.clipUrl('sound-only.webm')).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'media/no_video', message: expect.stringContaining('audio opus 48000 Hz') as string })
})

test('No message names a folder of ours', async () => {
  const error = await strip(media.clipUrl('noise.webm')).catch((thrown: unknown) => thrown)
  expect((error as Error).message).not.toContain(media.tools.temporaryFolder)
})

test('A file name full of options, commands and patterns is just a name', async () => {
  expect(await probe(media.clipUrl('-i evil;$(touch pwned) %03d.webm'))).toMatchObject({ container: 'matroska,webm' })
})

test('A recording that does not say how long it is gets its length from its last packet', async () => {
  const { durationSeconds } = await probe(media.clipUrl('live.webm'))
  expect(durationSeconds).toBeCloseTo(2, 1)
})

test.each([
  ['sizeBytes', 'media/too_large'],
  ['durationSeconds', 'media/too_long'],
  ['pixels', 'media/too_large'],
] as const)('A medium over the limit of %s is refused', async (limit, code) => {
  const limited = { ...media.tools, limits: { ...media.tools.limits, [limit]: 1 } }
  await expect(createMediaProbeHandler(limited)({ url: media.clipUrl('good.webm') }, createTestContext())).rejects.toMatchObject({ code })
})
