import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseInput } from '@track-orchestrator/registry'
import { mergeAudioVideo } from '@track-orchestrator/registry/media'
import { createTestContext } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { probeMedia } from '../ffmpeg/probe-media.ts'
import { compareClip } from '../testing/compare-clip.ts'
import { makeClip, type Clip } from '../testing/make-clip.ts'
import { hear, writeTone } from '../testing/sound.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createMergeAudioVideoHandler } from './merge-audio-video.ts'

let media: TestTools
let clip: Clip
const frame = 1 / 30
const srt = '1\r\n00:00:00,500 --> 00:00:01,500\r\nOne <i>two</i>\r\n\r\n2\r\n00:00:02,000 --> 00:00:09,000\r\nThree & four\r\n\r\n3\r\n00:00:30,000 --> 00:00:31,000\r\nToo late\r\n'

beforeAll(async () => {
  media = await openTestTools()
  const { ffmpeg } = media.tools
  clip = await makeClip(ffmpeg, media.clipPath('picture.mp4'), { durationSeconds: 5, videoCodec: 'h264', audioCodecs: ['aac'] })
  await makeClip(ffmpeg, media.clipPath('picture.webm'), { durationSeconds: 1, videoCodec: 'vp8' })
  await makeClip(ffmpeg, media.clipPath('silent.mp4'), { durationSeconds: 1, videoCodec: 'h264', audioCodecs: [] })
  const sound = async (output: string, options: string[]) =>
    runFfmpeg(ffmpeg, { what: 'make a sound', inputs: [{ path: clip.path }], options: ['-vn', ...options], output: media.clipPath(output) })
  await sound('same.mp3', ['-c:a', 'libmp3lame'])
  await sound('short.wav', ['-t', '2.5'])
  await sound('long.wav', ['-af', 'apad=pad_len=240000'])
  await writeTone(media.clipPath('voice.wav'), { seconds: 2.5, tailSeconds: 2.5, hertz: 300, amplitude: 12_000, rate: 48_000 })
  await writeTone(media.clipPath('music.wav'), { seconds: 8, hertz: 1_000, amplitude: 12_000, rate: 48_000 })
  await writeTone(media.clipPath('silence.wav'), { seconds: 5, amplitude: 0, rate: 48_000 })
  await writeFile(media.clipPath('cues.srt'), srt)
  await writeFile(media.clipPath('empty.srt'), '\n')
  await writeFile(media.clipPath('hls.srt'), '#EXTM3U\n#EXTINF:1,\n/etc/passwd\n')
  await sound('low.wav', ['-ar', '22050', '-ac', '1'])
})
afterAll(() => media.close())

async function merge(audio: string, video = 'picture.mp4', options: Readonly<Record<string, unknown>> = {}) {
  const context = createTestContext({ handlers: { merge_audio_video: createMergeAudioVideoHandler(media.tools) } })
  const [merged] = await context.runTasks([{ task: mergeAudioVideo, input: { audioUrl: media.clipUrl(audio), videoUrl: media.clipUrl(video), ...options } }])
  return { merged: merged!, compared: await compareClip(media.tools.ffmpeg, clip, media.pathOf(merged!.url)) }
}

test.each([
  ['an MP3 as long as the picture', 'same.mp3'],
  ['a sound of another sample rate', 'low.wav'],
])('%s comes to lie under the picture, beep on flash, as long as the picture', async (_, name) => {
  const { merged, compared } = await merge(name)
  expect(compared).toMatchObject({ lost: 0, doubled: 0, frameCount: 150, audioCodec: 'aac', isFaststart: true, videoStartSeconds: 0 })
  expect(compared.soundDriftSeconds).toBeLessThan(frame)
  expect(Math.abs(compared.audioSeconds! - 5)).toBeLessThan(frame)
  expect(merged.durationSeconds).toBeCloseTo(5, 3)
})

test('Under a sound that goes on, the last picture is held, and that is said', async () => {
  const { merged, compared } = await merge('long.wav')
  expect(compared).toMatchObject({ lost: 0, reordered: 0, doubled: 1, frameCount: 300, videoCodec: 'h264', videoStartSeconds: 0 })
  for (const seconds of [merged.durationSeconds, compared.videoSeconds, compared.audioSeconds]) expect(Math.abs(seconds! - 10)).toBeLessThan(frame)
  expect(merged.notes).toEqual([expect.stringMatching(/goes on for 5\.0 s after the last picture/), expect.stringMatching(/encoded again/)])
  expect((await merge('same.mp3')).merged.notes).toBeUndefined()
})

test('A sound that is too short is filled with silence', async () => {
  const { compared } = await merge('short.wav')
  expect(compared.frameCount).toBe(150)
  expect(Math.abs(compared.audioSeconds! - 5)).toBeLessThan(frame)
})

test('A file without sound is refused as a sound track', async () => {
  await expect(merge('silent.mp4')).rejects.toMatchObject({ code: 'media/no_audio', retryable: false })
})

test('A picture that MP4 cannot hold is refused, with advice', async () => {
  await expect(merge('same.mp3', 'picture.webm')).rejects.toMatchObject({ code: 'media/format_refused', message: expect.stringContaining('transcode_video_segments') as string })
})

/** How loud a tone is between two moments, of 32,767 (Goertzel's way to one frequency). */
async function loudness(url: string, hertz: number, from: number, to: number): Promise<number> {
  const samples = (await hear(media.tools.ffmpeg, media.pathOf(url))).subarray(from * 48_000, to * 48_000)
  let [real, imaginary] = [0, 0]
  for (const [place, sample] of samples.entries()) {
    real += sample * Math.cos((2 * Math.PI * hertz * place) / 48_000)
    imaginary += sample * Math.sin((2 * Math.PI * hertz * place) / 48_000)
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length
}
const decibels = (ratio: number) => 20 * Math.log10(ratio)

test('A background lies beneath the new sound as loud as was asked for, and makes way while that sounds', async () => {
  const { merged, compared } = await merge('voice.wav', 'picture.mp4', { sourceUrl: media.clipUrl('music.wav'), backgroundVolume: 0.25 })
  expect(Math.abs(compared.audioSeconds! - 5)).toBeLessThan(frame)
  const alone = await loudness(merged.url, 1_000, 3.7, 4.7)
  const spread = 12_000 * Math.SQRT1_2 // one channel on two loudspeakers, as loud together as it was
  const under = await loudness(merged.url, 1_000, 0.7, 2)
  expect(Math.abs(decibels(alone / (spread * 0.25)))).toBeLessThan(1)
  expect(decibels(alone / under)).toBeGreaterThan(12)
  expect(Math.abs(decibels((await loudness(merged.url, 300, 0.7, 2)) / spread))).toBeLessThan(1)
})

test('The background is on the clock of the picture it came with: beep on flash', async () => {
  const { compared } = await merge('silence.wav', 'picture.mp4', { sourceUrl: media.clipUrl('picture.mp4'), backgroundVolume: 1 })
  expect(compared).toMatchObject({ lost: 0, doubled: 0, frameCount: 150 })
  expect(compared.soundDriftSeconds).toBeLessThan(frame)
})

test('Without a background nothing of the source is heard, nor opened', async () => {
  const { merged } = await merge('voice.wav', 'picture.mp4', { sourceUrl: 'https://127.0.0.1/nobody.webm' })
  expect(await loudness(merged.url, 1_000, 3.7, 4.7)).toBeLessThan(5)
})

test('Subtitles become a track that can be switched on, cut at the end of the video', async () => {
  const { merged, compared } = await merge('same.mp3', 'picture.mp4', { srtUrl: media.clipUrl('cues.srt'), softSubtitles: true, subtitleLanguage: 'eng' })
  expect(compared).toMatchObject({ lost: 0, doubled: 0, frameCount: 150, isFaststart: true })
  const path = media.pathOf(merged.url)
  expect(await probeMedia(media.tools.ffmpeg, path, media.tools)).toMatchObject({ subtitleCount: 1, durationSeconds: expect.closeTo(5, 1) as number })
  await runFfmpeg(media.tools.ffmpeg, { what: 'read the subtitles', inputs: [{ path }], options: ['-map', '0:s:0', '-f', 'srt'], output: media.clipPath('read.srt') })
  const read = (await readFile(media.clipPath('read.srt'), 'utf8')).replace(/<[^>]+>/g, '') // old builds add fonts
  expect(read).toContain('00:00:00,500 --> 00:00:01,500\nOne')
  expect(read).toContain('00:00:02,000 --> 00:00:05,000\nThree & four')
  expect(read).not.toContain('late')
  expect(merged.files.map(({ format }) => format)).toEqual(['mp4'])
  expect(merged.srtUrl).toBe(media.clipUrl('cues.srt'))
})

test('Subtitles and a background go together', async () => {
  const { merged, compared } = await merge('voice.wav', 'picture.mp4', { srtUrl: media.clipUrl('cues.srt'), softSubtitles: true, sourceUrl: media.clipUrl('music.wav'), backgroundVolume: 0.5 })
  expect(compared.frameCount).toBe(150)
  expect(await probeMedia(media.tools.ffmpeg, media.pathOf(merged.url), media.tools)).toMatchObject({ subtitleCount: 1, audio: [{ codec: 'aac' }] })
})

test('Subtitles are stored beside the MP4 under its name, as SRT and as WebVTT', async () => {
  const { merged } = await merge('same.mp3', 'picture.mp4', { srtUrl: media.clipUrl('cues.srt'), subtitleFiles: true, storageName: 'film.mp4' })
  expect([merged.url, merged.srtUrl, merged.vttUrl].map((url) => basename(url!))).toEqual(['film.mp4', 'film.srt', 'film.vtt'])
  expect(merged.files.map(({ format }) => format)).toEqual(['mp4', 'srt', 'vtt'])
  expect(await readFile(media.pathOf(merged.srtUrl!), 'utf8')).toBe('1\n00:00:00,500 --> 00:00:01,500\nOne <i>two</i>\n\n2\n00:00:02,000 --> 00:00:05,000\nThree & four\n')
  expect(await readFile(media.pathOf(merged.vttUrl!), 'utf8')).toContain('00:00:02.000 --> 00:00:05.000\nThree &amp; four\n')
  expect(await probeMedia(media.tools.ffmpeg, media.pathOf(merged.url), media.tools)).toMatchObject({ subtitleCount: 0 })
})

test('Subtitles without a cue are no track, and no trouble', async () => {
  const { merged } = await merge('same.mp3', 'picture.mp4', { srtUrl: media.clipUrl('empty.srt'), softSubtitles: true })
  expect(await probeMedia(media.tools.ffmpeg, media.pathOf(merged.url), media.tools)).toMatchObject({ subtitleCount: 0 })
})

test('What is no SRT is refused as subtitles', async () => {
  await expect(merge('same.mp3', 'picture.mp4', { srtUrl: media.clipUrl('hls.srt'), softSubtitles: true })).rejects.toMatchObject({ code: 'media/srt_invalid', retryable: false })
})

test.each([
  [{ softSubtitles: true }, 'srtUrl'],
  [{ subtitleFiles: true }, 'srtUrl'],
  [{ backgroundVolume: 0.1 }, 'sourceUrl'],
  [{ backgroundVolume: 1.1, sourceUrl: 'file:///a' }, 'backgroundVolume'],
  [{ subtitleLanguage: 'english' }, 'subtitleLanguage'],
])('%j is refused for its %s', async (options, path) => {
  const parse = async () => parseInput(mergeAudioVideo, { audioUrl: 'file:///a', videoUrl: 'file:///b', ...options })
  await expect(parse()).rejects.toMatchObject({ code: 'contract_violated', issues: [{ path: [path] }] })
})
