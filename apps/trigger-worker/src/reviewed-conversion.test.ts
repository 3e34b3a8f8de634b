import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createJournal, createRunner, type Journal } from '@track-orchestrator/core/in-process'
import { testTrack } from '@track-orchestrator/core/testing'
import { createFileStorage, findFfmpeg, type Ffmpeg } from '@track-orchestrator/media-tasks'
import { makeClip } from '@track-orchestrator/media-tasks/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { registry } from './registry.ts'
import { deepgramAnswer, sentences } from './testing/clean-conversion.ts'
import { createHandlers, orchestrators, tracks } from './tracks.config.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const characters = sentences.reduce((sum, { text }) => sum + text.length, 0)
let folder: string
let ffmpeg: Ffmpeg
let url: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reviewed-test-'))
  ffmpeg = await findFfmpeg()
  const clip = await makeClip(ffmpeg, join(folder, 'clip.webm'), { durationSeconds: 12, width: 160, height: 96 })
  url = pathToFileURL(clip.path).href
  await writeFile(join(folder, 'clip.deepgram.json'), JSON.stringify(deepgramAnswer()))
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

const handlersIn = (storage: string) =>
  createHandlers({ ffmpeg, storage: createFileStorage({ root: storage, readableFolders: [folder] }), temporaryFolder: join(folder, 'temporary'), searchPath: process.env['PATH'] ?? '' })

test('what a person corrects is what is spoken, and what is left empty is left out; before that nothing is asked of the voice', async () => {
  const tested = testTrack({ registry, track: tracks.ReviewedAudioTrack, handlers: handlersIn(join(folder, 'tested')), answers: { review: { corrections: { 0: 'One was the first.', 1: ' ' } } } })
  const result = await tested.run({ url, speakAfter: '2020-01-01T00:00:00Z' })
  if (result.status !== 'succeeded') throw result.error
  const spoken = result.calls.find(({ taskName }) => taskName === 'elevenlabs_text_to_speech_batch')!.input as { segments: { text: string }[] }
  expect(spoken.segments.map(({ text }) => text)).toEqual(['One was the first.', sentences[2]!.text])
  expect(await readFile(fileURLToPath(result.output.srtUrl!), 'utf8')).toContain('One was the first.')
  const unanswered = await testTrack({ registry, track: tracks.ReviewedAudioTrack, handlers: handlersIn(join(folder, 'tested')) }).run({ url })
  expect(unanswered).toMatchObject({ status: 'failed', error: { code: 'approval/timed_out' } })
  expect(unanswered.calls.map(({ taskName }) => taskName)).not.toContain('elevenlabs_text_to_speech_batch')
})

/** The command as a person starts it, with the worker's own configuration. */
function tracksCommand(...args: string[]) {
  const env = { ...process.env, INIT_CWD: folder, TRACKS_FOLDER: join(folder, '.tracks'), TEMPORARY_FOLDER: join(folder, 'temporary') }
  return spawn(process.execPath, ['--conditions=@track-orchestrator/source', 'tools/start.mjs', 'packages/cli/src/main.ts', ...args, '--config', 'apps/trigger-worker/tracks.config.ts'], { cwd: root, env, stdio: 'ignore' })
}

async function untilAsked(journal: Journal, runId: string) {
  for (let tries = 0; tries < 4_000; tries++) {
    const [question] = await journal.questions(runId).catch(() => [])
    if (question) return question
    await delay(50)
  }
  throw new Error('nobody was asked')
}

test('killed while it waits for the review, the conversion goes on to its video: nothing is heard twice, and the voice is not paid for beyond a limit', { timeout: 480_000 }, async () => {
  const journal = createJournal({ folder: join(folder, '.tracks') })
  const child = tracksCommand('run', 'ReviewedVoiceConversion', `url=${url}`, 'parts=1', '--run-id', 'film', '--key', 'film')
  const question = await untilAsked(journal, 'film')
  expect(question).toMatchObject({ path: 'ReviewedVoiceConversion/ReviewedAudioTrack/review', input: { characters, segments: sentences.map(({ text }, index) => ({ index, text })) } })
  // The picture is made meanwhile.
  for (let tries = 0; tries < 4_000 && !(await journal.steps('film')).some(({ step, status }) => step === 'combine_video_segments' && status === 'succeeded'); tries++) await delay(50)
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('close', resolve))

  const runner = createRunner({
    registry,
    journal,
    handlers: handlersIn(join(folder, '.tracks', 'storage')),
    tracks: Object.values(tracks),
    orchestrators: Object.values(orchestrators),
    prices: { currency: 'USD', per: { characters: 0.001 } },
    limits: { cost: { USD: 0.01 } },
  })
  await runner.answer('film', 'review', { corrections: {} })
  const input = { tenantId: 'local', projectId: 'local', url, parts: 1 }
  const stopped = await runner.settleOrchestrator(orchestrators.ReviewedVoiceConversion, input, { runKey: 'film' })
  expect(stopped).toMatchObject({ runId: 'film', status: 'failed', error: { code: 'cost/limit_reached', place: { step: 'elevenlabs_text_to_speech_batch' } } })
  const result = await runner.resume('film', { limits: { cost: { USD: 1 } } })
  if (result.status !== 'succeeded') throw result.error
  expect((result.output as { durationSeconds: number }).durationSeconds).toBeCloseTo(12, 1)
  const begun = (await journal.steps('film')).filter(({ nested }) => !nested).map(({ step, begun: times }) => [step, times])
  expect(Object.fromEntries(begun)).toMatchObject({ deepgram_speech_to_text: 1, review: 2, combine_video_segments: 1, elevenlabs_text_to_speech_batch: 2 })
})
