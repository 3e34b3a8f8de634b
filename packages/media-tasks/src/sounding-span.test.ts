import { describe, expect, test } from 'vitest'
import { tone } from './testing/sound.ts'
import { softenEdges, soundingSpan } from './sounding-span.ts'

const rate = 16_000

function onset(samples: Int16Array): number | undefined {
  const span = soundingSpan(samples, rate)
  return span && span.start / rate
}

describe('The sounding span', () => {
  test.each([8_000, 32_000, 200])('begins 2 ms before a tone of amplitude %i, and ends 20 ms after it', (amplitude) => {
    const span = soundingSpan(tone({ seconds: 0.5, leadSeconds: 0.25, tailSeconds: 0.25, amplitude }), rate)
    expect(span?.start).toBeCloseTo(0.248 * rate, -1.5)
    expect(span?.end).toBeCloseTo(0.77 * rate, -1.5)
  })

  test('goes to the edges where there is no silence', () => {
    expect(soundingSpan(tone({ seconds: 0.5 }), rate)).toEqual({ start: 0, end: 8_000 })
  })

  test('leaves out hiss that lies 40 dB below', () => {
    const samples = tone({ seconds: 0.5, leadSeconds: 0.5 })
    for (let place = 0; place < 8_000; place++) samples[place] = place % 2 === 0 ? 60 : -60
    expect(onset(samples)).toBeCloseTo(0.498, 2)
  })

  test('leaves out a click before the sound', () => {
    const samples = tone({ seconds: 0.5, leadSeconds: 0.5 })
    samples[100] = 30_000
    samples[101] = -30_000
    expect(onset(samples)).toBeCloseTo(0.498, 2)
  })

  test.each([
    ['nothing', new Int16Array()],
    ['silence', new Int16Array(16_000)],
    ['hiss below -60 dBFS', new Int16Array(16_000).fill(32)],
    ['one click', Int16Array.from({ length: 16_000 }, (_, place) => (place === 500 ? 20_000 : 0))],
  ])('is not to be found in %s', (_, samples) => {
    expect(soundingSpan(samples, rate)).toBeUndefined()
  })

  test('of a very short sound is all of it', () => {
    expect(soundingSpan(tone({ seconds: 0.003 }), rate)).toEqual({ start: 0, end: 48 })
  })
})

test('Softened edges rise from nothing and fall to nothing within 2 ms, and nothing else changes', () => {
  const samples = new Int16Array(1_000).fill(10_000)
  softenEdges(samples, rate)
  expect(Math.abs(samples[0] ?? 0)).toBeLessThan(400)
  expect(samples[999]).toBe(samples[0])
  expect(samples.subarray(32, 968).every((sample) => sample === 10_000)).toBe(true)
})
