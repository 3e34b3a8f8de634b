import { readFile, rm } from 'node:fs/promises'
import { parseInput } from '@track-orchestrator/registry'
import { combineAudioSegments, type SpokenSegment } from '@track-orchestrator/registry/media'
import { createTestContext, taskSuite, type TestContextOptions } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { measureLoudness } from '../audio/loudness.ts'
import { probeMedia } from '../ffmpeg/probe-media.ts'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { hear, onsets, writeTone, type ToneOptions } from '../testing/sound.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { withWorkspace } from '../workspace.ts'
import { createCombineAudioSegmentsHandler } from './combine-audio-segments.ts'

type Input = (typeof combineAudioSegments)['~io']['in']

let media: TestTools
beforeAll(async () => {
  media = await openTestTools()
  await writeTone(media.clipPath('example.wav'), { seconds: 1, leadSeconds: 0.2 })
})
afterAll(() => media.close())

async function combine(input: Input, options: TestContextOptions = {}) {
  const context = createTestContext({ taskName: 'combine_audio_segments', ...options })
  const results = await createCombineAudioSegmentsHandler(media.tools)(await parseInput(combineAudioSegments, input), context)
  return { ...results, logged: context.logged, progressed: context.progressed }
}

let made = 0
/** Segments from `[start, end, clip]`, each clip with silence around it, as voices leave it. */
async function segments(...cues: readonly (readonly [number, number, ToneOptions])[]): Promise<SpokenSegment[]> {
  return Promise.all(
    cues.map(async ([startSeconds, endSeconds, clip], index) => {
      const name = `clip-${made++}.wav`
      await writeTone(media.clipPath(name), { leadSeconds: 0.25, tailSeconds: 0.3, ...clip })
      return { index, startSeconds, endSeconds, text: `cue ${index}`, audioUrl: media.clipUrl(name) }
    }),
  )
}

const heard = (url: string) => hear(media.tools.ffmpeg, media.pathOf(url))
const measured = (url: string) =>
  withWorkspace(media.tools, createTestContext(), {}, (workspace) => measureLoudness(workspace, { path: media.pathOf(url) }))
const near = (expected: readonly number[], within = 0.005) => expected.map((seconds) => expect.toSatisfy((found: number) => Math.abs(found - seconds) <= within))

taskSuite({
  contract: combineAudioSegments,
  heedsSignal: true,
  handler: () => createCombineAudioSegmentsHandler(media.tools),
  examples: {
    'one clip': () => ({ segments: [{ index: 0, startSeconds: 1, endSeconds: 2, text: 'x', audioUrl: media.clipUrl('example.wav') }], durationSeconds: 3 }),
    'no clips, but a length': () => ({ segments: [], durationSeconds: 2 }),
  },
  refuses: {
    'more than twice the speed': { input: { segments: [], maxSpeedUp: 2.5 }, path: 'maxSpeedUp' },
    'a segment without a clip': { input: { segments: [{ index: 0, startSeconds: 0, endSeconds: 1, text: 'x' }] }, path: 'segments.0.audioUrl' },
    'a loudness above zero': { input: { segments: [], loudnessLufs: 1 }, path: 'loudnessLufs' },
  },
})

describe('The combined sound', () => {
  test('has the first sound of each clip at its cue, is as long as asked for, and as loud', async () => {
    const starts = Array.from({ length: 20 }, (_, place) => 0.5 + place * 1.37)
    const clips = await segments(...starts.map((start, place) => [start, start + 1, { seconds: 0.6, leadSeconds: (place % 7) * 0.05, hertz: 200 + place * 70 }] as const))
    const { finalAudio, files, durationSeconds, loudnessLufs, cues } = await combine({ segments: clips, durationSeconds: 30 })
    const sound = await heard(finalAudio)

    expect(onsets(sound)).toEqual(near(starts))
    expect(sound.length).toBe(30 * 48_000)
    expect(durationSeconds).toBe(30)
    expect(files).toEqual([expect.objectContaining({ url: finalAudio, format: 'mp3', contentType: 'audio/mpeg', durationSeconds: 30 }), expect.objectContaining({ format: 'srt' })])
    expect(Math.abs((loudnessLufs ?? 0) + 16)).toBeLessThan(1)
    expect(cues.map(({ index, startSeconds, speedUp }) => [index, startSeconds, speedUp])).toEqual(starts.map((start, index) => [index, start, 1]))
    const loudness = await measured(finalAudio)
    expect(loudness.integratedLufs).toBeCloseTo(loudnessLufs ?? 0, 1)
    expect(loudness.truePeakDb).toBeLessThanOrEqual(-1.5)
    expect(await media.temporaryFiles()).toEqual([])
  })

  test.each([
    ['very quiet', 100, -16],
    ['very loud', 32_000, -23],
    ['with peaks far above the rest', 3_000, -14],
  ])('of clips that are %s comes to the loudness asked for, below the true peak', async (title, amplitude, loudnessLufs) => {
    const peak: ToneOptions = { seconds: 0.03, amplitude: 32_000, hertz: 4_321 }
    const clips = await segments([0.5, 3.5, { seconds: 3, amplitude }], [4, 4.1, title.includes('peaks') ? peak : { seconds: 0.5, amplitude }], [5, 9, { seconds: 4, amplitude }])
    const { finalAudio } = await combine({ segments: clips, durationSeconds: 10, loudnessLufs, truePeakDb: -2 })
    const loudness = await measured(finalAudio)
    expect(Math.abs((loudness.integratedLufs ?? 0) - loudnessLufs)).toBeLessThan(1)
    expect(loudness.truePeakDb).toBeLessThanOrEqual(-2)
    expect(onsets(await heard(finalAudio), 48_000, 0.3)).toEqual(near([0.5, 4, 5]))
  })

  test('comes with subtitles of what is spoken, when it is spoken; without any, those that it was given are handed on', async () => {
    const clips = await segments([1, 1.5, { seconds: 2 }], [1.5, 3, { seconds: 0.5 }])
    const { srtUrl } = await combine({ segments: clips, durationSeconds: 5, srtUrl: 'file:///heard.srt', maxSpeedUp: 1 })
    expect(await readFile(media.pathOf(srtUrl!), 'utf8')).toMatch(/^1\n00:00:01,000 --> 00:00:02,9\d\d\ncue 0\n\n2\n00:00:03,0\d\d --> 00:00:03,8\d\d\ncue 1\n$/)
    const plain = { segments: clips, durationSeconds: 5, srtUrl: 'file:///heard.srt' }
    expect(await combine({ ...plain, subtitles: false })).toMatchObject({ srtUrl: 'file:///heard.srt', files: [{ format: 'mp3' }] })
  })

  test('of nothing is silence, as long as asked for', async () => {
    const { finalAudio, loudnessLufs, cues } = await combine({ segments: await segments([1, 2, { seconds: 1, amplitude: 0 }]), durationSeconds: 3 })
    const sound = await heard(finalAudio)
    expect(sound.length).toBe(3 * 48_000)
    expect(sound.every((sample) => Math.abs(sample) <= 1)).toBe(true)
    expect(loudnessLufs).toBeUndefined()
    expect(cues[0]).toMatchObject({ spokenSeconds: 0, speedUp: 1, overrunSeconds: 0 })
  })

  test('ends with the last clip where no length is given, and cannot be made of nothing at all', async () => {
    const clips = await segments([0.5, 1, { seconds: 2 }])
    const { durationSeconds, finalAudio } = await combine({ segments: clips })
    expect(durationSeconds).toBeCloseTo(2.52, 1)
    expect(Math.abs((await heard(finalAudio)).length / 48_000 - durationSeconds)).toBeLessThan(0.0001)
    await expect(combine({ segments: [] })).rejects.toMatchObject({ code: 'media/empty', retryable: false })
  })

  test.each([44_100, 48_000] as const)('is an MP3 of two channels at %i Hz whose length is right to the sample', async (sampleRateHz) => {
    const { finalAudio } = await combine({ segments: await segments([0, 1, { seconds: 1 }]), durationSeconds: 3.3337, sampleRateHz, bitrateKbps: 128 })
    const { audio } = await probeMedia(media.tools.ffmpeg, media.pathOf(finalAudio), media.tools)
    expect(audio[0]).toMatchObject({ codec: 'mp3', sampleRateHz, channels: 2 })
    expect((await hear(media.tools.ffmpeg, media.pathOf(finalAudio), sampleRateHz)).length).toBe(Math.round(3.3337 * sampleRateHz))
  })
})

describe('A clip that is too long for its cue', () => {
  const loudFor = (sound: Int16Array, from: number, to: number) => {
    const part = sound.subarray(from * 48_000, to * 48_000)
    return part.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0) > 300
  }

  test('takes the silence that follows, and is not played faster', async () => {
    const clips = await segments([1, 2, { seconds: 1.5 }], [3, 4, { seconds: 0.5 }])
    const { cues, finalAudio, logged } = await combine({ segments: clips, durationSeconds: 5 })
    expect(cues[0]).toMatchObject({ slotSeconds: 1, speedUp: 1, overrunSeconds: 0 })
    expect(cues[0]?.spokenSeconds).toBeCloseTo(1.52, 2)
    expect(cues[0]?.borrowedSeconds).toBeCloseTo(0.52, 2)
    expect(onsets(await heard(finalAudio))).toEqual(near([1, 3]))
    expect(logged).toEqual([])
  })

  test('is played faster where silence does not suffice, and then ends before the next', async () => {
    const clips = await segments([1, 2, { seconds: 2.4 }], [3, 4, { seconds: 0.5 }])
    const { cues, finalAudio } = await combine({ segments: clips, durationSeconds: 5 })
    const sound = await heard(finalAudio)
    expect(cues[0]?.speedUp).toBeCloseTo(2.422 / 1.99, 2)
    expect(cues[0]?.overrunSeconds).toBe(0)
    expect(onsets(sound, 48_000, 0.004)).toEqual(near([1, 3]))
    expect(loudFor(sound, 2.9, 2.95)).toBe(true)
    expect(loudFor(sound, 2.992, 2.998)).toBe(false)
  })

  test('begins on time where even that does not suffice, and moves the next one, which makes good what it can', async () => {
    const clips = await segments([1, 2, { seconds: 4, hertz: 300 }], [2, 3.5, { seconds: 1.9, hertz: 3_000 }], [6, 7, { seconds: 0.5 }])
    const { cues, finalAudio, logged } = await combine({ segments: clips, durationSeconds: 8, maxSpeedUp: 1.5 })
    expect(cues[0]).toMatchObject({ startSeconds: 1, slotSeconds: 1, tempo: 1.5, borrowedSeconds: 0, shiftedSeconds: 0, overrunSeconds: 0 })
    expect(cues[1]?.shiftedSeconds).toBeCloseTo(4.022 / 1.5 - 1, 1)
    expect(cues[1]).toMatchObject({ tempo: 1, overrunSeconds: 0 })
    expect(cues[2]).toMatchObject({ startSeconds: 6, shiftedSeconds: 0 })
    expect(onsets(await heard(finalAudio), 48_000, 0.004)).toEqual(near([1, cues[1]!.startSeconds, 6], 0.02))
    expect(logged).toEqual([expect.objectContaining({ level: 'warn', message: expect.stringContaining('Segment 1') })])
  })

  test('sounds together with the next only where their cues do', async () => {
    const clips = await segments([1, 3, { seconds: 2.4, hertz: 300 }], [2.5, 4, { seconds: 0.5, hertz: 3_000 }])
    const { cues } = await combine({ segments: clips, durationSeconds: 6, maxSpeedUp: 1 })
    expect(cues.map(({ startSeconds, shiftedSeconds }) => [startSeconds, shiftedSeconds])).toEqual([[1, 0], [2.5, 0]]) // prettier-ignore
    expect(cues[0]?.overrunSeconds).toBeCloseTo(0.42, 1)
  })

  test('has its whole rate bounded: what the voice was asked for counts', async () => {
    const [clip, next] = await segments([1, 2, { seconds: 2 }], [2, 3, { seconds: 0.5 }])
    const { cues } = await combine({ segments: [{ ...clip!, voiceSpeed: 1.2 }, next!], durationSeconds: 6, maxSpeedUp: 1.25 })
    expect(cues[0]).toMatchObject({ voiceSpeed: 1.2, speedUp: 1.25 })
    expect(cues[0]?.tempo).toBeCloseTo(1.25 / 1.2, 3)
  })

  test('begins earlier where the end would cut it, as far as there is a pause before it; what begins after the end is not heard', async () => {
    const clips = await segments([0.5, 1, { seconds: 0.4 }], [2, 3, { seconds: 1.5 }], [7, 8, { seconds: 1 }])
    const { cues, finalAudio, logged } = await combine({ segments: clips, durationSeconds: 3, maxSpeedUp: 1 })
    const sound = await heard(finalAudio)
    expect(sound.length).toBe(3 * 48_000)
    expect(cues[1]).toMatchObject({ overrunSeconds: 0 })
    expect(cues[1]?.shiftedSeconds).toBeCloseTo(-0.52, 1)
    expect(onsets(sound)).toEqual(near([0.5, cues[1]!.startSeconds]))
    expect(cues[2]?.overrunSeconds).toBeCloseTo(1.02, 1)
    expect(logged.map(({ message }) => message)).toEqual([expect.stringContaining('Segment 1 begins 0.52 s before its cue'), expect.stringContaining('is not heard')])
  })

  test('is cut only where even that does not suffice', async () => {
    const { cues, logged } = await combine({ segments: await segments([1, 2, { seconds: 4 }]), durationSeconds: 3, maxSpeedUp: 1 })
    expect(cues[0]).toMatchObject({ startSeconds: 0 })
    expect(cues[0]?.overrunSeconds).toBeCloseTo(1.02, 1)
    expect(logged.map(({ message }) => message)).toEqual([expect.stringContaining('cut at the end')])
  })
})

describe('Combining', () => {
  test('takes clips in any order, format and sample rate, from any voice', async () => {
    const clips = await segments([3, 4, { seconds: 0.5 }], [1, 2, { seconds: 0.5, rate: 44_100 }], [2, 3, { seconds: 0.5, rate: 24_000 }])
    const command = { what: 'make a test file', inputs: [{ path: media.clipPath('example.wav') }], options: ['-ac', '2', '-ar', '44100', '-c:a', 'libmp3lame'] }
    await runFfmpeg(media.tools.ffmpeg, { ...command, output: media.clipPath('example.mp3') })
    const mp3 = { index: 3, startSeconds: 4, endSeconds: 5, text: 'x', audioUrl: media.clipUrl('example.mp3') }
    const { cues, finalAudio } = await combine({ segments: [...clips, mp3], durationSeconds: 6 })
    expect(onsets(await heard(finalAudio))).toEqual(near([1, 2, 3, 4]))
    expect(cues.map(({ index, startSeconds }) => [index, startSeconds])).toEqual([[0, 3], [1, 1], [2, 2], [3, 4]]) // prettier-ignore
  })

  test('refuses what no disk could hold', async () => {
    const clips = await segments([1e9, 1e9 + 1, { seconds: 0.1 }])
    await expect(combine({ segments: clips })).rejects.toMatchObject({ code: 'media/too_long', retryable: false })
    await expect(combine({ segments: [], durationSeconds: 1e9 })).rejects.toMatchObject({ code: 'media/too_long' })
    const endless = await segments([0, 1, { seconds: 700, rate: 8_000 }])
    await expect(combine({ segments: endless })).rejects.toMatchObject({ code: 'media/too_long', message: expect.stringContaining('A clip is 701 s long') })
  })

  test('says which file is no sound', async () => {
    const clips = await segments([0, 1, { seconds: 1 }])
    const missing = [{ ...clips[0]!, audioUrl: media.clipUrl('nowhere.wav') }]
    await expect(combine({ segments: missing })).rejects.toMatchObject({ code: 'media/not_found' })
    await rm(media.clipPath(`clip-${made - 1}.wav`))
    await expect(combine({ segments: clips })).rejects.toMatchObject({ code: 'media/not_found' })
  })

  test('leaves nothing behind when it is cancelled in the middle', async () => {
    const clips = await segments(...Array.from({ length: 40 }, (_, place) => [place * 3, place * 3 + 1, { seconds: 5 }] as const))
    const before = await media.allFiles()
    const cancel = new AbortController()
    const combining = combine({ segments: clips, durationSeconds: 600 }, { signal: cancel.signal })
    setTimeout(() => cancel.abort(), 700)
    await expect(combining).rejects.toMatchObject({ code: 'cancelled' })
    expect(await media.temporaryFiles()).toEqual([])
    expect(await media.allFiles()).toEqual(before)
  })
})
