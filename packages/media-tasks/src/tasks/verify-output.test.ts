import { readFile, writeFile } from 'node:fs/promises'
import { parseInput } from '@track-orchestrator/registry'
import { verifyOutput, type CueReport, type OutputReport } from '@track-orchestrator/registry/media'
import { createTestContext, taskSuite } from '@track-orchestrator/registry/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wavFile } from '../wav-file.ts'
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts'
import { tone } from '../testing/sound.ts'
import { openTestTools, type TestTools } from '../testing/test-tools.ts'
import { createVerifyOutputHandler } from './verify-output.ts'

type Input = (typeof verifyOutput)['~io']['in']

const seconds = 4
const rate = 16_000
let media: TestTools

beforeAll(async () => {
  media = await openTestTools()
  await video('source.webm', [[0.5, 1.5], [2, 3.5]], { codec: ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'] }) // prettier-ignore
  // The first unit 20 ms late and as long; the second on time, and 0.3 s shorter.
  await video('result.mp4', [[0.52, 1.52], [2, 3.2]]) // prettier-ignore
  await video('beeps.webm', [[0, 0.1], [2, 2.1]], { codec: ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'] }) // prettier-ignore
  await video('hum.webm', [[0, 4]], { codec: ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'] }) // prettier-ignore
  await video('short.mp4', [[0.52, 1.52], [2, 3.2]], { frames: 97 }) // prettier-ignore
  await writeFile(media.clipPath('good.srt'), '1\n00:00:00,520 --> 00:00:01,900\nThe first of two.\n\n2\n00:00:02,000 --> 00:00:03,500\nThe second & <last> one.\n')
  await writeFile(media.clipPath('bad.srt'), `1\n00:00:00,000 --> 00:00:00,100\n${'Much too long for one line of a subtitle'.repeat(2)}\n\n2\n00:00:00,110 --> 00:00:02,500\none\ntwo\nthree\n`)
})
afterAll(() => media.close())

/** A moving picture at 25 frames a second, with tones from and to these seconds. */
async function video(name: string, tones: readonly (readonly [number, number])[], { codec, frames = seconds * 25 }: { codec?: readonly string[]; frames?: number } = {}): Promise<void> {
  const sound = new Int16Array(seconds * rate)
  for (const [from, to] of tones) sound.set(tone({ seconds: to - from, rate, amplitude: 5_000 }), Math.round(from * rate))
  const path = media.clipPath(`${name}.wav`)
  await writeFile(path, wavFile(sound, rate))
  const picture = `testsrc=size=160x120:rate=25:duration=${frames / 25}[v]`
  const codecs = codec ?? ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-ar', '48000', '-movflags', '+faststart']
  const options = ['-filter_complex', picture, '-map', '[v]', '-map', '0:a', '-af', `aresample=48000,apad,atrim=end=${seconds}`, ...codecs]
  await runFfmpeg(media.tools.ffmpeg, { what: 'make a test video', inputs: [{ path }], options, output: media.clipPath(name) })
}

const cues: CueReport[] = [
  { index: 0, cueStartSeconds: 0.5, startSeconds: 0.52, slotSeconds: 1, spokenSeconds: 1, voiceSpeed: 1, tempo: 1, speedUp: 1, borrowedSeconds: 0, shiftedSeconds: 0.02, overrunSeconds: 0 },
  { index: 1, cueStartSeconds: 2, startSeconds: 2, slotSeconds: 1.5, spokenSeconds: 1.32, voiceSpeed: 1, tempo: 1.1, speedUp: 1.1, borrowedSeconds: 0, shiftedSeconds: 0, overrunSeconds: 0 },
]

async function verify(input: Partial<Input> = {}) {
  const given = { url: media.clipUrl('result.mp4'), sourceUrl: media.clipUrl('source.webm'), cues, ...input }
  return createVerifyOutputHandler(media.tools)(await parseInput(verifyOutput, given), createTestContext({ taskName: 'verify_output' }))
}

const failed = ({ checks }: OutputReport) => checks.filter(({ passed }) => !passed).map(({ name }) => name)

taskSuite({
  contract: verifyOutput,
  heedsSignal: true,
  handler: () => createVerifyOutputHandler(media.tools),
  examples: { 'a video and its source': () => ({ url: media.clipUrl('result.mp4'), sourceUrl: media.clipUrl('source.webm') }) },
  refuses: { 'a video without a source': { input: { url: 'file:///a.mp4' }, path: 'sourceUrl' } },
})

describe('A finished video', () => {
  test('is measured: how old and new speech overlap, when it begins, its frames, its clock', async () => {
    const { report } = await verify({ srtUrl: media.clipUrl('good.srt') })
    expect(report.speech?.units.map(({ iou }) => iou)).toEqual([0.98 / 1.02, 1.2 / 1.5].map((value) => expect.closeTo(value, 1) as number))
    expect(report.speech).toMatchObject({ onsetErrorMs: { p50: expect.closeTo(0, -1), p95: expect.closeTo(20, -1) }, speedUp: { p50: 1, p95: 1.1 }, overruns: 0, shifted: 1 })
    expect(report.picture).toEqual({ framesIn: 100, framesOut: 100, framesLost: 0, framesPerSecond: 25 })
    expect(Math.abs(report.sync.startMs)).toBeLessThan(40)
    expect(report.subtitles).toEqual({ cues: 2, violations: [] })
    expect(failed(report)).toEqual(['loudness_lufs'])
    expect(await media.temporaryFiles()).toEqual([])
  })

  test.each(['beeps.webm', 'hum.webm'])('whose source has no speech where the cues tell of some, is not judged by how old and new speech overlap: %s', async (name) => {
    const { report, summary, markdownUrl, htmlUrl } = await verify({ sourceUrl: media.clipUrl(name), loudnessLufs: -20 })
    expect(report.speech?.meanIou).toBeUndefined()
    expect(report.speech?.onsetErrorMs.p95).toBeCloseTo(20, -1) // of the new voice, which is there
    expect(report.checks.map((check) => check.name)).not.toContain('mean_iou')
    expect(report.notMeasured).toEqual([{ name: 'mean_iou', why: 'in 2 of 2 units, the source has no speech where the cue tells of some' }])
    expect(summary).not.toContain('mean_iou 0')
    expect(await readFile(media.pathOf(markdownUrl), 'utf8')).toContain('| mean_iou | not measured | in 2 of 2 units')
    expect(await readFile(media.pathOf(htmlUrl), 'utf8')).toContain('not measured')
  })

  test('that is silent where the source speaks is still judged by it', async () => {
    await video('silent.mp4', [[0.52, 1.52]]) // prettier-ignore
    const { report } = await verify({ url: media.clipUrl('silent.mp4') })
    expect(report.speech?.units.map(({ iou }) => iou)).toEqual([expect.closeTo(0.96, 1), 0])
    expect(failed(report)).toContain('mean_iou')
  })

  test('that has lost frames, or whose subtitles are against the limits, does not pass, and says why in one line', async () => {
    const { report, summary } = await verify({ url: media.clipUrl('short.mp4'), srtUrl: media.clipUrl('bad.srt'), loudnessLufs: -20 })
    expect(report.picture).toMatchObject({ framesIn: 100, framesOut: 97, framesLost: 3 })
    expect(report.subtitles?.violations.map(({ cue, rule }) => `${cue} ${rule}`)).toEqual(['1 line_characters', '1 too_short', '1 characters_per_second', '1 gap', '1 onset', '2 lines', '2 onset'])
    expect(report.passed).toBe(false)
    expect(failed(report)).toContain('frames_lost')
    expect(summary).toContain('frames_lost 3 (at most 0)')
  })

  test('is as like its source as one encode of the whole, where that is asked for', async () => {
    const { report } = await verify({ compareWithEncode: { crf: 23, preset: 'ultrafast' } })
    expect(report.similarity?.joined).toBeGreaterThan(0.9)
    expect(report.similarity?.difference).toBeLessThan(0.02)
  })
})

describe('The pages of a report', () => {
  test('are one of HTML that needs and obeys nothing else, Markdown, and the data as JSON', async () => {
    const { report, htmlUrl, markdownUrl, jsonUrl } = await verify({ srtUrl: media.clipUrl('good.srt'), title: '<script>alert(1)</script> "x" & [y](z)' })
    const html = await readFile(media.pathOf(htmlUrl), 'utf8')
    expect(html).toContain('&#60;script&#62;alert(1)&#60;/script&#62; &#34;x&#34; &#38;')
    expect(html).toContain('The second &#38; &#60;last&#62; one.')
    expect(html.match(/<svg/g)?.length).toBe(1)
    expect(html.match(/<rect/g)?.length).toBe(2)
    expect(html).toMatch(/Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[\w+/]{43}='/)
    expect(html).not.toMatch(/<script|https?:|\bstyle=|\bon\w+=/)
    const markdown = await readFile(media.pathOf(markdownUrl), 'utf8')
    expect(markdown).toContain('# \\<script\\>alert\\(1\\)')
    expect(markdown).toMatch(/\| frames_lost \| 0 \| at most 0 \| yes \|/)
    expect(JSON.parse(await readFile(media.pathOf(jsonUrl), 'utf8'))).toEqual(report)
  })
})
