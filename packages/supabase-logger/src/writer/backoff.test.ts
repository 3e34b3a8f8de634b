import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

const backoff = { minDelayMs: 100, maxDelayMs: 30_000 }

test('the limit doubles with each failure, from the shortest delay to the longest', () => {
  expect([1, 2, 3, 8, 9, 10, 1_000].map((failures) => backoffMs(failures, backoff, () => 1))).toEqual([100, 200, 400, 12_800, 25_600, 30_000, 30_000])
})

test('every delay below the limit may come', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const limit = backoffMs(failures, backoff, () => 1)
      expect(backoffMs(failures, backoff, () => random)).toBe(Math.round(limit * random))
    }),
  )
})
