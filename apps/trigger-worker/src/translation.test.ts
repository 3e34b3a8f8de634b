import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forRegistry } from '@track-orchestrator/core'
import { createRunner } from '@track-orchestrator/core/in-process'
import { createFileStorage, findFfmpeg } from '@track-orchestrator/media-tasks'
import { defineRegistry, mergeRegistries } from '@track-orchestrator/registry'
import { tasks, translateSegments } from '@track-orchestrator/registry/media'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHandlers } from './tracks.config.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'translation-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const registry = mergeRegistries(tasks, defineRegistry({ translate_segments: translateSegments }))
const { defineTrack } = forRegistry(registry)

const translatedTrack = defineTrack({
  name: 'TranslatedTrack',
  tasks: [
    { taskName: 'split_srt_into_segments' },
    { taskName: 'translate_segments', inputMapper: (split) => ({ ...split, targetLanguage: 'en', glossary: { Guten: 'good' } }) },
    { taskName: 'elevenlabs_text_to_speech_batch' },
    { taskName: 'combine_audio_segments' },
  ],
})

test('a translation of your own is an ordinary step: what it says is what is spoken, at the times of before', async () => {
  const storage = createFileStorage({ root: join(folder, 'storage') })
  const handlers = createHandlers({ ffmpeg: await findFfmpeg({ env: process.env }), storage, temporaryFolder: join(folder, 'temporary'), searchPath: '' })
  const english: Record<string, string> = { 'Guten Morgen.': 'Good morning.', 'Gute Nacht.': 'Good night.' }
  const spoken: string[] = []
  const runner = createRunner<typeof registry>({
    registry,
    logs: [{ payloads: true, flush: () => Promise.resolve(), write: (event) => void (event.type === 'step.succeeded' && event.step === 'elevenlabs_text_to_speech_batch' && spoken.push(...textsOf(event.output))) }],
    handlers: {
      ...handlers,
      translate_segments: ({ segments, targetLanguage, glossary: _glossary, sourceLanguage: _sourceLanguage, ...timeline }) => ({
        segments: segments.map((segment) => ({ ...segment, text: english[segment.text] ?? segment.text })),
        language: targetLanguage,
        ...timeline,
      }),
    },
  })
  const srt = '1\n00:00:01,000 --> 00:00:03,000\nGuten Morgen.\n\n2\n00:00:04,000 --> 00:00:06,000\nGute Nacht.\n'
  const result = await runner.runTrack(translatedTrack, { tenantId: 't', projectId: 'p', srt, durationSeconds: 7 })
  expect(result.cues.map(({ startSeconds, spokenSeconds }) => [startSeconds, spokenSeconds > 0.4 && spokenSeconds < 2])).toEqual([[1, true], [4, true]]) // prettier-ignore
  expect(result.durationSeconds).toBe(7)
  expect(spoken).toEqual(['Good morning.', 'Good night.'])
})

const textsOf = (output: unknown): string[] => (output as { segments: { text: string }[] }).segments.map(({ text }) => text)
