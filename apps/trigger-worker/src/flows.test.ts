import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { RunEvent } from '@track-orchestrator/core'
import { findFfmpeg, type Ffmpeg } from '@track-orchestrator/media-tasks'
import { createR2Storage } from '@track-orchestrator/media-tasks/r2'
import { makeClip, startDeepgramServer, startElevenLabsServer, type Clip, type VendorCall, type VendorFault } from '@track-orchestrator/media-tasks/testing'
import { startR2Local } from '@track-orchestrator/r2-local'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { orchestrators, tracks } from './tracks.config.ts'
import { readSpeechServices } from './environment.ts'
import { createLocalRunner } from './local-runner.ts'
import { deepgramAnswer, expectClean, sentences } from './testing/clean-conversion.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1' }
let folder: string
let ffmpeg: Ffmpeg
let clip: Clip
let url: string
let runner: Awaited<ReturnType<typeof createLocalRunner>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flows-test-'))
  await mkdir(join(folder, 'clips'))
  ffmpeg = await findFfmpeg()
  clip = await makeClip(ffmpeg, join(folder, 'clips', 'clip.webm'), { durationSeconds: 12, variableFrameRate: true })
  url = pathToFileURL(clip.path).href
  await writeFile(join(folder, 'clips', 'clip.deepgram.json'), JSON.stringify(deepgramAnswer()))
  runner = await createLocalRunner(options())
})

const options = () => ({ ffmpeg, env: process.env, storageFolder: join(folder, 'storage'), temporaryFolder: join(folder, 'temporary'), readableFolders: [join(folder, 'clips')] })

afterAll(() => rm(folder, { recursive: true, force: true }))

test('VoiceConversion keeps every frame, speaks each cue at its time, and ends as one clean MP4', { timeout: 240_000 }, async () => {
  await expectCleanConversion(runner)
})

test('VoiceConversion does the same with Deepgram and ElevenLabs, through failures and a run that was broken off, and pays for no segment twice', { timeout: 240_000 }, async () => {
  const textOf = ({ json }: VendorCall) => (json as { text: string }).text
  const deepgram = await startDeepgramServer({
    answer: deepgramAnswer(),
    apiKey: 'deepgram-key',
    fault: (_call, place) => (place === 0 ? { kind: 'refused', status: 503, headers: { 'retry-after': '1' } } : undefined),
  })
  const faults: (VendorFault | undefined)[] = [{ kind: 'refused', status: 401, body: { detail: { status: 'quota_exceeded', message: 'You have no credits left' } } }, { kind: 'reset' }]
  const elevenLabs = await startElevenLabsServer({ sound: 'flite', apiKey: 'elevenlabs-key', fault: (call) => (textOf(call) === sentences[2]?.text ? faults.shift() : undefined) })
  const credits: unknown[] = []
  try {
    const speech = readSpeechServices({ DEEPGRAM_API_KEY: 'deepgram-key', DEEPGRAM_BASE_URL: deepgram.url, ELEVENLABS_API_KEY: 'elevenlabs-key', ELEVENLABS_BASE_URL: elevenLabs.url })
    const hosted = await createLocalRunner({ ...options(), speech, logs: [{ payloads: true, write: (event) => void (event.type === 'step.succeeded' && credits.push(...creditsOf(event.output))), flush: () => Promise.resolve() }] })
    const broke = await hosted.settleTrack(tracks.AudioProcessingTrack, { ...base, url })
    expect(broke).toMatchObject({ status: 'failed', error: { status: 401, retryable: false, message: 'Segment 2 ("Three is the last of them."): ElevenLabs answered 401: quota_exceeded: You have no credits left' } })

    await expectCleanConversion(hosted)
    expect(deepgram.calls).toHaveLength(3)
    // The third was refused, then cut off, then spoken; the others were spoken in the run that failed.
    expect(elevenLabs.calls.map(textOf).toSorted()).toEqual([...sentences, sentences[2]!, sentences[2]!].map(({ text }) => text).toSorted())
    expect(credits).toEqual(['deepgram', 'deepgram', 'elevenlabs'])

    await hosted.runTrack(tracks.AudioProcessingTrack, { ...base, url })
    expect(elevenLabs.calls).toHaveLength(5) // another run of the same tenant: all was spoken before
  } finally {
    await Promise.all([deepgram.close(), elevenLabs.close()])
  }
})

/** Who heard and who spoke, as a step's output says. */
function creditsOf(output: unknown): string[] {
  const { transcript, provider } = (output ?? {}) as { transcript?: { provider: string }; provider?: string }
  return [transcript?.provider, provider].filter((name) => name !== undefined)
}

/** Where a result lies on this machine. */
const onDisk = (fileUrl: string): Promise<string> => Promise.resolve(fileURLToPath(fileUrl))

async function expectCleanConversion(converter: typeof runner, source = url, open = onDisk): Promise<void> {
  const result = await converter.settleOrchestrator(orchestrators.VoiceConversion, { ...base, url: source })
  if (result.status !== 'succeeded') throw result.error

  await expectClean(ffmpeg, clip, { mp4: await open(result.output.url), srt: await open(result.output.srtUrl!) })
  expect(await readdir(join(folder, 'temporary'))).toEqual([])
}

test('VoiceConversion does the same with its media in R2, which Deepgram fetches by a signed URL that is told to nobody else', { timeout: 240_000 }, async () => {
  const r2 = await startR2Local()
  const deepgram = await startDeepgramServer({ answer: deepgramAnswer(), apiKey: 'deepgram-key' })
  const elevenLabs = await startElevenLabsServer({ sound: 'flite', apiKey: 'elevenlabs-key' })
  const told: RunEvent[] = []
  try {
    const storage = createR2Storage(r2)
    const { url: source } = await storage.put('uploads/clip.webm', clip.path, { contentType: 'video/webm' })
    const speech = readSpeechServices({ DEEPGRAM_API_KEY: 'deepgram-key', DEEPGRAM_BASE_URL: deepgram.url, ELEVENLABS_API_KEY: 'elevenlabs-key', ELEVENLABS_BASE_URL: elevenLabs.url })
    const hosted = await createLocalRunner({ ...options(), storage, speech, logs: [{ payloads: true, write: (event) => void told.push(event), flush: () => Promise.resolve() }] })
    let opened = 0
    const open = async (stored: string) => {
      const path = join(folder, `from-r2-${opened++}`)
      await storage.fetchToFile(stored, path)
      return path
    }
    await expectCleanConversion(hosted, source, open)
    expect(deepgram.calls.map(({ json }) => (json as { url: string }).url)).toEqual([expect.stringMatching(/X-Amz-Signature=/)])
    expect(elevenLabs.calls).toHaveLength(sentences.length)
    expect(JSON.stringify(told)).not.toMatch(/X-Amz|Signature|deepgram-key|elevenlabs-key/)
    expect(JSON.stringify(told)).not.toContain(r2.secretAccessKey)
  } finally {
    await Promise.all([deepgram.close(), elevenLabs.close(), r2.stop()])
  }
})

test('both tracks of VoiceConversion work at once: while the services are awaited, the picture is encoded', async () => {
  let answer = () => {}
  const until = new Promise<void>((resolve) => (answer = resolve))
  const [deepgram, elevenLabs] = await Promise.all([startDeepgramServer({ answer: deepgramAnswer(), until }), startElevenLabsServer()])
  try {
    const speech = readSpeechServices({ DEEPGRAM_API_KEY: 'deepgram-key', DEEPGRAM_BASE_URL: deepgram.url, ELEVENLABS_API_KEY: 'elevenlabs-key', ELEVENLABS_BASE_URL: elevenLabs.url })
    const hosted = await createLocalRunner({ ...options(), speech, logs: [{ write: (event) => event.type === 'track.succeeded' && event.track === 'VideoProcessingTrack' && answer(), flush: () => Promise.resolve() }] })
    // Nothing is heard before the picture is there: one after the other, this would never end.
    expect(await hosted.settleOrchestrator(orchestrators.VoiceConversion, { ...base, url, crf: 20 })).toMatchObject({ status: 'succeeded' })
    expect(deepgram.calls).toHaveLength(1)
  } finally {
    await Promise.all([deepgram.close(), elevenLabs.close()])
  }
})

test('MediaProcessingTrack gives the sound and a picture', async () => {
  const { imageUrl, width } = await runner.runTrack(tracks.MediaProcessingTrack, { ...base, url })
  expect(width).toBe(320)
  expect((await readFile(fileURLToPath(imageUrl))).subarray(0, 2).toString('hex')).toBe('ffd8')
})

test('CompositeAudioProcessing gives MP3 and transcript at once', async () => {
  const { combinedAudio, combinedTranscription } = await runner.runTrack(tracks.CompositeAudioProcessing, { ...base, url })
  expect(combinedAudio).toMatch(/\.mp3$/)
  expect(combinedTranscription).toMatchObject({ provider: 'recorded', utterances: sentences.map(({ text }) => ({ text })) })
})

test('AudioProcessingTrack says of a silent film that it has no sound, and leaves nothing behind', async () => {
  const silent = await makeClip(ffmpeg, join(folder, 'clips', 'silent.webm'), { durationSeconds: 2, audioCodecs: [] })
  const before = await readdir(join(folder, 'storage'), { recursive: true })
  const result = await runner.settleTrack(tracks.AudioProcessingTrack, { ...base, url: pathToFileURL(silent.path).href })
  expect(result).toMatchObject({ status: 'failed', error: { code: 'media/no_audio', place: { track: 'AudioProcessingTrack', step: 'media_audio_extract', attempt: 1 } } })
  expect(await readdir(join(folder, 'temporary'))).toEqual([])
  expect(await readdir(join(folder, 'storage'), { recursive: true })).toEqual(before)
})
