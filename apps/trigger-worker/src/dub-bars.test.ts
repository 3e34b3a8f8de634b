import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { makeClip, startElevenLabsServer } from '@track-orchestrator/media-tasks/testing'
import type { CueReport, OutputReport } from '@track-orchestrator/registry/media'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSpeechServices, type SpeechServices } from './environment.ts'
import { createLocalRunner } from './local-runner.ts'
import { orchestrators } from './tracks.config.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1' }
const sampleFolder = fileURLToPath(new URL('../sample/', import.meta.url))
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dub-bars-'))
  await mkdir(join(folder, 'clips'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Converts a video, and measures what came of it, one encode of the whole beside it. */
async function measured(path: string, speech?: SpeechServices): Promise<OutputReport> {
  const runner = await createLocalRunner({ env: process.env, storageFolder: join(folder, 'storage'), readableFolders: [join(folder, 'clips')], ...(speech && { speech }) })
  const sourceUrl = pathToFileURL(path).href
  const result = await runner.settleOrchestrator(orchestrators.VoiceConversion, { ...base, url: sourceUrl })
  if (result.status !== 'succeeded') throw result.error
  const audio = result.tracks['AudioProcessingTrack']
  const { cues } = (audio?.status === 'succeeded' ? audio.output : {}) as { cues: CueReport[] }
  const { report } = await runner.runSingleTask('verify_output', { ...base, url: result.output.url, sourceUrl, cues, srtUrl: result.output.srtUrl!, compareWithEncode: {} })
  return report
}

/** Every check there is, and each as it should be. */
function expectGood(report: OutputReport): void {
  expect(report.checks.map(({ name }) => name)).toEqual(['mean_iou', 'onset_p95_ms', 'speed_up_p95', 'overruns', 'frames_lost', 'sync_start_ms', 'sync_end_ms', 'loudness_lufs', 'true_peak_dbtp', 'subtitle_violations', 'ssim_difference'])
  expect(report.checks.filter(({ passed }) => !passed)).toEqual([])
}

test('the bundled sample, spoken by flite, passes every bar', { timeout: 240_000 }, async () => {
  const path = join(folder, 'clips', 'sense-and-sensibility.webm')
  for (const name of ['sense-and-sensibility.webm', 'sense-and-sensibility.deepgram.json']) await cp(join(sampleFolder, name), join(folder, 'clips', name))
  const report = await measured(path)
  expectGood(report)
  expect(report.speech?.units).toHaveLength(4)
})

test('three minutes of LibriVox, read at six speeds, spoken by flite, pass every bar', { timeout: 240_000 }, async () => {
  const sample = join(sampleFolder, 'sense-and-sensibility.webm')
  const path = join(folder, 'clips', 'three-minutes.mkv')
  const speeds = [0.9, 1, 1.05, 0.95, 1.1, 1]
  const copies = speeds.map((_, place) => `[s${place}]`).join('')
  const read = speeds.map((speed, place) => `[s${place}]atempo=${speed}[t${place}]`).join(';')
  const joined = `[1:a]asplit=${speeds.length}${copies};${read};${speeds.map((_, place) => `[t${place}]`).join('')}concat=n=${speeds.length}:v=0:a=1[sound]`
  // A small picture: what is judged is the speech, and that no frame of a long video is lost.
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=10:duration=182']
  const { ffmpegPath } = await findFfmpeg()
  await promisify(execFile)(ffmpegPath, ['-v', 'error', ...picture, '-i', sample, '-filter_complex', joined, '-map', '0:v', '-map', '[sound]', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'libopus', path])
  await writeFile(path.replace(/mkv$/, 'deepgram.json'), JSON.stringify(await heardAt(speeds)))
  const report = await measured(path)
  expectGood(report)
  expect(report.speech?.units).toHaveLength(24)
})

/** What is said in the sample, as often as it is read, at another speed each time. */
async function heardAt(speeds: readonly number[]): Promise<unknown> {
  const { results } = JSON.parse(await readFile(join(sampleFolder, 'sense-and-sensibility.deepgram.json'), 'utf8')) as { results: { utterances: Said[] } }
  let from = 0
  const utterances = speeds.flatMap((speed) => {
    const moved = <Part extends Span>(part: Part): Part => ({ ...part, start: from + part.start / speed, end: from + part.end / speed })
    const read = results.utterances.map((utterance) => ({ ...moved(utterance), words: utterance.words.map(moved) }))
    from += 30 / speed
    return read
  })
  return { metadata: {}, results: { channels: [{ alternatives: [{ transcript: '', words: utterances.flatMap(({ words }) => words) }] }], utterances } }
}

interface Span {
  readonly start: number
  readonly end: number
}
interface Said extends Span {
  readonly words: readonly Span[]
}

test('Chinese, spoken by a hosted voice, passes every bar, with lines of at most 16 signs', { timeout: 240_000 }, async () => {
  const sentences = [
    { text: '今天天气很好，我们一起去公园散步。', start: 0.8, end: 4.1 },
    { text: '然后在湖边的小餐馆吃午饭，晚上再坐火车回家。', start: 5, end: 9.4 },
    { text: '你觉得怎么样？', start: 10.2, end: 11.5 },
  ]
  const path = join(folder, 'clips', 'chinese.webm')
  // Something that sounds while somebody speaks, and a word for each sign, as Deepgram answers.
  await makeClip(await findFfmpeg(), path, { durationSeconds: 12, sounds: sentences.map(({ start, end }) => [start, end] as const) })
  const words = sentences.flatMap(({ text, start, end }) => Array.from(text).map((word, place, all) => ({ word, punctuated_word: word, start: start + ((end - start) * place) / all.length, end: start + ((end - start) * (place + 1)) / all.length })))
  await writeFile(join(folder, 'clips', 'chinese.deepgram.json'), JSON.stringify({ results: { channels: [{ detected_language: 'zh', alternatives: [{ transcript: '', words }] }] } }))
  const elevenLabs = await startElevenLabsServer()
  try {
    const report = await measured(path, readSpeechServices({ ELEVENLABS_API_KEY: 'elevenlabs-key', ELEVENLABS_BASE_URL: elevenLabs.url }))
    expectGood(report)
    expect(report.speech?.units).toHaveLength(3)
  } finally {
    await elevenLabs.close()
  }
})
