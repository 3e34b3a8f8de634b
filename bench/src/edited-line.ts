import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createJournal, createRunner } from '@track-orchestrator/core/in-process'
import { createFileStorage, findFfmpeg } from '@track-orchestrator/media-tasks'
import { startDeepgramServer, startElevenLabsServer } from '@track-orchestrator/media-tasks/testing'
import { tasks as registry } from '@track-orchestrator/registry/media'
import { createHandlers, orchestrators } from '@track-orchestrator/trigger-worker/src/tracks.config.ts'
import { makeTalk, saidEvery } from './flagship.ts'
import type { Measurement } from './measurement.ts'
import { spent } from './spent.ts'

const seconds = 60

/** What another line of the transcript costs, as a fork of a conversion that is done: the voice is made and mixed again, and laid over the same pictures. */
export async function measureEditedLine(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-edited-line-'))
  const ffmpeg = await findFfmpeg()
  const clip = await makeTalk(ffmpeg, folder, seconds)
  const deepgram = await startDeepgramServer({ answer: saidEvery(5, seconds) })
  const elevenLabs = await startElevenLabsServer()
  try {
    const speech = { deepgram: { apiKey: 'bench', baseUrl: deepgram.url }, elevenLabs: { apiKey: 'bench', baseUrl: elevenLabs.url } }
    const storage = createFileStorage({ root: join(folder, 'storage'), readableFolders: [folder] })
    const handlers = createHandlers({ ffmpeg, storage, speech, temporaryFolder: join(folder, 'temporary'), searchPath: process.env['PATH'] ?? '' })
    const journal = createJournal({ folder: join(folder, 'journal') })
    const runner = createRunner({ registry, handlers, journal, orchestrators: [orchestrators.VoiceConversion], taskConcurrency: { transcode_video_segment: availableParallelism() } })
    const done = async (work: () => Promise<{ readonly status: string }>) => {
      const { status } = await work()
      if (status !== 'succeeded') throw new Error(`The conversion ended ${status}`)
    }
    const whole = await spent(() => done(() => runner.settleOrchestrator(orchestrators.VoiceConversion, { tenantId: 'bench', projectId: 'bench', url: pathToFileURL(clip).href, parts: 10 }, { runId: 'whole' })))
    const asked = elevenLabs.calls.length
    const edited = await spent(() => done(() => runner.fork('whole', { from: 'elevenlabs_text_to_speech_batch', set: { 'segments[1].text': 'Nobody has said this before.' }, runId: 'edited' })))
    const calls = elevenLabs.calls.length - asked
    return [
      { name: `One line of VoiceConversion edited, ${seconds} s of 720p30: CPU`, ratio: edited.cpuSeconds / whole.cpuSeconds, limit: 0.1, detail: `${edited.cpuSeconds.toFixed(1)} s of ${whole.cpuSeconds.toFixed(1)} s` },
      { name: 'One line of VoiceConversion edited: calls of text to speech', ratio: calls, limit: 1, detail: `of ${asked}` },
    ]
  } finally {
    await Promise.all([deepgram.close(), elevenLabs.close()])
    await rm(folder, { recursive: true, force: true })
  }
}
