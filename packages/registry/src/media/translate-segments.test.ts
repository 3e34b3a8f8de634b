import { expect, test } from 'vitest'
import { parseInput, parseOutput } from '../parse.ts'
import { defineRegistry, mergeRegistries } from '../registry.ts'
import { elevenlabsTextToSpeechBatch, splitSrtIntoSegments, tasks, translateSegments } from './index.ts'

const segments = [{ index: 0, startSeconds: 1, endSeconds: 2, text: 'Hello', speaker: 1 }]

test('A translation stands between subtitles and speech: what it needs is there, and what comes next is in what it gives', async () => {
  const split = await parseOutput(splitSrtIntoSegments, { segments, durationSeconds: 5, srtUrl: 'file:///a.srt' })
  const input = await parseInput(translateSegments, { ...(split as object), targetLanguage: 'de' })
  expect(input).toEqual({ segments, durationSeconds: 5, srtUrl: 'file:///a.srt', targetLanguage: 'de', glossary: {} })
  const translated = await parseOutput(translateSegments, { segments: [{ ...segments[0], text: 'Hallo' }], language: 'de', durationSeconds: 5, srtUrl: 'file:///a.srt' })
  const speech = await parseInput(elevenlabsTextToSpeechBatch, translated)
  expect(speech).toMatchObject({ segments: [{ text: 'Hallo', speaker: 1 }], durationSeconds: 5, srtUrl: 'file:///a.srt' })
})

test('It takes a service, so it is added to the catalogue by whoever has one', () => {
  expect(tasks).not.toHaveProperty('translate_segments')
  const mine = mergeRegistries(tasks, defineRegistry({ translate_segments: translateSegments }))
  expect(Object.keys(mine)).toContain('translate_segments')
})

test.each([[{ segments }, 'targetLanguage'], [{ segments: [{ text: 'x' }], targetLanguage: 'de' }, 'segments.0.index']])('It refuses %j', async (input, path) => {
  const refusing = Promise.resolve().then(() => parseInput(translateSegments, input))
  await expect(refusing).rejects.toMatchObject({ code: 'contract_violated' })
  await expect(refusing).rejects.toSatisfy((error: { issues: { path: unknown[] }[] }) => error.issues.some((issue) => issue.path.join('.') === path))
})
