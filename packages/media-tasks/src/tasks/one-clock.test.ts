import { readFile, writeFile } from 'node:fs/promises'
import { mediaAudioExtract, mediaImport } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { convertVideo } from '../testing/convert-video.ts'
import { makeClip } from '../testing/make-clip.ts'
import { readBeeps, readVideo } from '../testing/read-clip.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createMediaAudioExtractHandler } from './media-audio-extract.ts'
import { createMediaImportHandler } from './media-import.ts'
import { createMediaProbeHandler } from './media-probe.ts'
import { createVideoStripAudiosHandler } from './video-strip-audios.ts'

let media: TestTools
const small = { durationSeconds: 2, width: 160, height: 96 }
beforeAll(async () => {
  media = await openTestTools()
  await makeClip(media.tools.ffmpeg, media.clipPath('plain.mp4'), { ...small, videoCodec: 'h264', audioCodecs: ['aac'], sounds: [[0.5, 0.6]] })
  await makeClip(media.tools.ffmpeg, media.clipPath('piece.webm'), { ...small, videoCodec: 'vp8', sounds: [[0.5, 0.6]], extraOptions: ['-live', '1'] })
})
afterAll(() => media.close())

/** A piece in a container, on a clock that begins at `from`. */
async function piece(name: string, options: readonly string[] = [], from = 0): Promise<Buffer> {
  if (name.endsWith('.webm')) return readFile(media.clipPath(name))
  const inputs = [{ path: media.clipPath('plain.mp4') }]
  await runFfmpeg(media.tools.ffmpeg, { what: 'make a piece', inputs, options: ['-map', '0', '-c', 'copy', ...options, '-output_ts_offset', String(from)], output: media.clipPath(name) })
  return readFile(media.clipPath(name))
}

async function joined(name: string, pieces: readonly Buffer[]): Promise<string> {
  await writeFile(media.clipPath(name), Buffer.concat(pieces))
  return media.clipUrl(name)
}

/** What both tracks take out of a file: the numbers of the pictures that are seen, and when the beeps are heard. */
async function takenOut(url: string) {
  const stripped = await createVideoStripAudiosHandler(media.tools)({ url }, createTestContext({ taskName: 'video_strip_audios' }))
  const { audioUrl, durationSeconds } = await createMediaAudioExtractHandler(media.tools)({ url }, createTestContext({ taskName: 'media_audio_extract' }))
  const { frames } = await readVideo(media.tools.ffmpeg, media.pathOf(stripped.videoUrl))
  return {
    numbers: frames.map(({ index }) => index),
    beeps: (await readBeeps(media.tools.ffmpeg, media.pathOf(audioUrl))).map((seconds) => Math.round(seconds * 10) / 10),
    lengths: [stripped.durationSeconds, durationSeconds].map((seconds) => Math.round(seconds * 1_000) / 1_000),
    evenly: !stripped.variableFrameRate,
    notes: stripped.notes,
  }
}

const counted = Array.from({ length: 60 }, (_, place) => place)
const wholly = { numbers: [...counted, ...counted], beeps: [0.5, 2.5], lengths: [4, 4], evenly: true, notes: [expect.stringMatching(/clock of the file begins anew once/)] }
const fragments = ['-movflags', 'frag_keyframe+empty_moov+default_base_moof']

/** What npm's ffprobe of 2018 crashes on, and what its ffmpeg has no filter for. */
const ifRecent = async (what: () => Promise<unknown>) => {
  if (media.tools.ffmpeg.supportsFpsMode) return what()
  await expect(what()).rejects.toMatchObject({ code: expect.stringMatching(/^media\/(?:format_refused|ffmpeg_failed)$/) })
  return undefined
}

test.each([
  ['WebM of a browser that recorded twice', 'twice.webm', async () => [await piece('piece.webm'), await piece('piece.webm')]],
  ['fragmented MP4', 'twice.mp4', async () => [await piece('piece.mp4', fragments), await piece('piece.mp4', fragments)]],
  ['FLV whose sender began anew', 'twice.flv', async () => [await piece('piece.flv'), (await piece('piece.flv')).subarray(13)]],
  ['a transport stream', 'twice.ts', async () => [await piece('piece.ts'), await piece('piece.ts')]],
  ['one whose clock leaps forward by hours', 'forward.ts', async () => [await piece('piece.ts'), await piece('piece.ts', [], 20_000)]],
  ['one whose clock leaps back by hours', 'back.ts', async () => [await piece('piece.ts', [], 20_000), await piece('piece.ts')]],
  ['one with a gap of minutes', 'gap.ts', async () => [await piece('piece.ts'), await piece('piece.ts', [], 180)]],
])('Of two recordings joined by their bytes, all is seen and heard, one after the other: %s', async (_, name, pieces) => {
  const found = await ifRecent(async () => takenOut(await joined(name, await pieces())))
  if (media.tools.ffmpeg.supportsFpsMode) expect(found).toEqual(wholly)
})

test('a clock that overflows on the way is one clock', async () => {
  const found = await ifRecent(async () => takenOut(await joined('overflow.ts', [await piece('piece.ts', [], 2 ** 33 / 90_000 - 2.4)])))
  if (found !== undefined) expect(found).toEqual({ ...wholly, numbers: counted, beeps: [0.5], lengths: [2, 2], notes: undefined })
})

test('media_import keeps such a file on one clock, so that no later step has to mend it, and what was done is said all the same', async () => {
  const url = await joined('import.webm', [await piece('piece.webm'), await piece('piece.webm')])
  await ifRecent(async () => {
    const context = createTestContext({ handlers: { media_import: createMediaImportHandler(media.tools), media_audio_extract: createMediaAudioExtractHandler(media.tools) } })
    const [imported] = await context.runTasks([{ task: mediaImport, input: { url } }])
    const [again] = await context.runTasks([{ task: mediaImport, input: { url } }])
    expect(again!.sha256).toBe(imported!.sha256) // the same bytes, each time
    expect((await createMediaProbeHandler(media.tools)({ url: imported!.url }, createTestContext())).durationSeconds).toBeCloseTo(4, 1)
    const [sound] = await context.runTasks([{ task: mediaAudioExtract, input: { url: imported!.url } }])
    expect(sound!.durationSeconds).toBe(4)
    const { combined } = await convertVideo(media.tools, imported!.url)
    expect([combined.frameCount, combined.durationSeconds, combined.notes]).toEqual([120, 4, wholly.notes])
  })
})

test('sound alone of two recordings is heard, one after the other', async () => {
  const inputs = [{ path: media.clipPath('piece.webm') }]
  await runFfmpeg(media.tools.ffmpeg, { what: 'make a piece', inputs, options: ['-vn', '-c', 'copy'], output: media.clipPath('sound.mka') })
  const sound = await readFile(media.clipPath('sound.mka'))
  await ifRecent(async () => {
    const url = await joined('sounds.mka', [sound, sound])
    const { audioUrl } = await createMediaAudioExtractHandler(media.tools)({ url }, createTestContext({ taskName: 'media_audio_extract' }))
    expect((await readBeeps(media.tools.ffmpeg, media.pathOf(audioUrl))).map((seconds) => Math.round(seconds * 10) / 10)).toEqual([0.5, 2.5])
  })
})
