import { expect, test } from 'vitest'
import { tone } from '../testing/sound.ts'
import { speakInTime, type SpeedRules } from './fit-speed.ts'
import type { SpeakRequest, TextToSpeech } from './text-to-speech.ts'

const usual: SpeedRules = { fitSpeed: true, slowestSpeed: 0.8, fastestSpeed: 1.2 }
const rate = 16_000

/** A voice that takes two seconds for everything at its own pace, and what it was asked for. */
function voiceOf(facts: Partial<TextToSpeech>) {
  const asked: (number | undefined)[] = []
  const voice: TextToSpeech = { name: 'test', speeds: () => ({ slowest: 0.5, fastest: 2 }), speak: () => Promise.reject(new Error('not asked')), ...facts }
  const speak = ({ voiceSettings }: SpeakRequest) => {
    asked.push(voiceSettings?.speed)
    const samples = tone({ seconds: 2 / (voiceSettings?.speed ?? 1), leadSeconds: 0.2, rate })
    return Promise.resolve({ samples, sampleRateHz: rate, voice: 'v', characters: 1 })
  }
  return { asked, inTime: (seconds: number, request: Partial<SpeakRequest> = {}, rules = usual) => speakInTime({ voice, speak }, { text: 'x', ...request }, { startSeconds: 1, endSeconds: 1 + seconds }, rules) }
}

test.each([
  ['as long as its cue: it is left as it is', 2.02, [undefined], 1],
  ['too long: it is asked to be just so much faster', 1.85, [undefined, 1.082], 1.082],
  ['much too long: not faster than allowed', 1, [undefined, 1.2], 1.2],
  ['too short: it is asked to be slower', 2.2, [undefined, 0.91], 0.91],
] as const)('what is spoken for nothing is heard first. %s', async (_what, seconds, speeds, speed) => {
  const { asked, inTime } = voiceOf({})
  expect((await inTime(seconds)).speed).toBe(speed)
  expect(asked).toEqual(speeds)
})

test('who is paid by the clip is asked once, in steps, by what such a text takes', async () => {
  const { asked, inTime } = voiceOf({ identify: () => ({ voice: 'v' }) })
  const speeds = [await inTime(2, { text: 'a'.repeat(33) }), await inTime(2, { text: 'a'.repeat(34) }), await inTime(2, { text: '今天天气很好我们去公园' }), await inTime(2, { text: 'a'.repeat(30) })]
  expect(speeds.map(({ speed }) => speed)).toEqual([1.1, 1.15, 1.1, 1])
  expect(asked).toEqual([1.1, 1.15, 1.1, undefined])
})

test('a pace that somebody asked for stays; a voice with one pace, and who wants none fitted, is asked for none', async () => {
  const fixed = voiceOf({})
  expect((await fixed.inTime(1, { voiceSettings: { speed: 0.9 } })).speed).toBe(0.9)
  const deaf = voiceOf({ speeds: () => undefined })
  expect((await deaf.inTime(1, { voiceSettings: { stability: 1 } })).speed).toBe(1)
  const unwanted = voiceOf({})
  expect((await unwanted.inTime(1, {}, { ...usual, fitSpeed: false })).speed).toBe(1)
  expect([...fixed.asked, ...deaf.asked, ...unwanted.asked]).toEqual([0.9, undefined, undefined])
})
