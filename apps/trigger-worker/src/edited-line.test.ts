import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createJournal, createRunner } from '@track-orchestrator/core/in-process'
import { createFileStorage, findFfmpeg } from '@track-orchestrator/media-tasks'
import { makeClip, startDeepgramServer, startElevenLabsServer, type VendorCall } from '@track-orchestrator/media-tasks/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSpeechServices } from './environment.ts'
import { registry } from './registry.ts'
import { deepgramAnswer, sentences } from './testing/clean-conversion.ts'
import { createHandlers, tracks } from './tracks.config.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edited-line-'))
})
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

test('one edited line of the transcript pays one call of text to speech, and nothing before it is done again', async () => {
  const ffmpeg = await findFfmpeg()
  const clip = await makeClip(ffmpeg, join(folder, 'clip.webm'), { durationSeconds: 12 })
  const deepgram = await startDeepgramServer({ answer: deepgramAnswer(), apiKey: 'deepgram-key' })
  const elevenLabs = await startElevenLabsServer({ sound: 'flite', apiKey: 'elevenlabs-key' })
  const textOf = ({ json }: VendorCall) => (json as { text: string }).text
  try {
    const speech = readSpeechServices({ DEEPGRAM_API_KEY: 'deepgram-key', DEEPGRAM_BASE_URL: deepgram.url, ELEVENLABS_API_KEY: 'elevenlabs-key', ELEVENLABS_BASE_URL: elevenLabs.url })
    const storage = createFileStorage({ root: join(folder, 'storage'), readableFolders: [folder] })
    const handlers = createHandlers({ ffmpeg, storage, speech, temporaryFolder: join(folder, 'temporary'), searchPath: process.env['PATH'] ?? '' })
    const journal = createJournal({ folder: join(folder, 'journal') })
    const runner = createRunner({ registry, handlers, journal, tracks: Object.values(tracks) })
    await runner.runTrack(tracks.AudioProcessingTrack, { tenantId: 't', projectId: 'p', url: pathToFileURL(clip.path).href }, { runId: 'talk' })
    expect(elevenLabs.calls.map(textOf).toSorted()).toEqual(sentences.map(({ text }) => text).toSorted())

    const edited = await runner.fork('talk', { from: 'elevenlabs_text_to_speech_batch', set: { 'segments[1].text': 'Nobody has said this before.' }, runId: 'edited' })
    expect(edited).toMatchObject({ status: 'succeeded' })
    expect(elevenLabs.calls.slice(sentences.length).map(textOf)).toEqual(['Nobody has said this before.'])
    expect(deepgram.calls).toHaveLength(1)
    const taken = (await journal.steps('edited')).filter(({ takenFrom }) => takenFrom === 'talk').map(({ step }) => step)
    expect(taken).toEqual(['media_audio_extract', 'deepgram_speech_to_text', 'convert_json_to_srt', 'split_srt_into_segments'])
  } finally {
    await Promise.all([deepgram.close(), elevenLabs.close()])
  }
})
