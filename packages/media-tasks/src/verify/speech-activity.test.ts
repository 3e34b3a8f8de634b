import { expect, test } from 'vitest'
import { blockSeconds, spokenWithin } from './speech-activity.ts'

const levels = Float32Array.from({ length: 200 }, (_, block) => (block >= 40 && block < 80 ? 1_000 : 0))

test('speech is found where it is, and nothing where it is quiet, or where the sound has ended before', () => {
  const sound = { levels, threshold: 100 }
  expect(spokenWithin(sound, 0, 1)).toEqual({ startSeconds: 40 * blockSeconds, endSeconds: 80 * blockSeconds })
  expect(spokenWithin(sound, -3, 99)).toEqual({ startSeconds: 40 * blockSeconds, endSeconds: 80 * blockSeconds })
  for (const [from, until] of [[0.6, 1], [1, 1.3], [4.7, 6], [4.7, Infinity], [0.3, 0.2]] as const) expect(spokenWithin(sound, from, until)).toBeUndefined()
  expect(spokenWithin({ levels: new Float32Array(), threshold: 26 }, 0.2, 0.9)).toBeUndefined()
})
