import type { SpeechSegment } from '@track-orchestrator/registry/media'
import { expect, test } from 'vitest'
import { castVoices } from './cast-voices.ts'

const segments = (...speakers: (number | undefined)[]): SpeechSegment[] =>
  speakers.map((speaker, index) => ({ index, startSeconds: index, endSeconds: index + 1, text: 'x', ...(speaker !== undefined && { speaker }) }))
const known = ['rms', 'slt', 'kal']

test('Speakers without a voice of their own get one each, in the order in which they first speak', () => {
  const voiceOf = castVoices(segments(4, 2, 4, 7, 9), { voices: {} }, known)
  expect([4, 2, 7, 9].map(voiceOf)).toEqual(['rms', 'slt', 'kal', 'rms'])
})

test('A voice that is given to one speaker is not given to another by turn', () => {
  const voiceOf = castVoices(segments(0, 1, 2), { voices: { 1: 'rms' } }, known)
  expect([0, 1, 2].map(voiceOf)).toEqual(['slt', 'rms', 'kal'])
})

test('When all voices are given away, those without one get them again', () => {
  const voiceOf = castVoices(segments(0, 1), { voices: { 1: 'rms' } }, ['rms'])
  expect([0, 1].map(voiceOf)).toEqual(['rms', 'rms'])
})

test('Where speakers were not told apart, everybody is speaker 0; where they were, one that is not known has no number', () => {
  expect(castVoices(segments(undefined, undefined), { voices: { 0: 'slt' } }, known)(undefined)).toBe('slt')
  expect(castVoices(segments(undefined, 0), { voices: { 0: 'slt' } }, known)(undefined)).toBe('rms')
})

test('One voice for all comes before voices by turn, and after those by number', () => {
  const voiceOf = castVoices(segments(0, 1, undefined), { voices: { 1: 'slt' }, voice: 'kal' }, known)
  expect([0, 1, undefined].map(voiceOf)).toEqual(['kal', 'slt', 'kal'])
})

test('A speaker of whom nothing is known gets the first voice, and a service that names no voices is asked for none', () => {
  expect(castVoices(segments(undefined), { voices: {} }, known)(undefined)).toBe('rms')
  expect(castVoices(segments(undefined, 1), { voices: {} })(1)).toBeUndefined()
})
