import { describe, expect, test } from 'vitest'
import { findFrameRate, parseFraction } from './frame-rate.ts'

/** Frame times on an even grid, rounded as Matroska does. */
const grid = (framesPerSecond: number, count: number) => Array.from({ length: count }, (_, place) => Math.round((place * 1_000) / framesPerSecond) / 1_000)

describe('The frame rate is found from the times of the frames', () => {
  test.each([
    ['24000/1001', 24_000 / 1_001],
    ['24/1', 24],
    ['25/1', 25],
    ['30000/1001', 30_000 / 1_001],
    ['30/1', 30],
    ['60000/1001', 60_000 / 1_001],
    ['60/1', 60],
    ['15/1', 15],
    ['25/2', 12.5],
    ['120/1', 120],
  ])('%s, though times are rounded to milliseconds', (frameRate, framesPerSecond) => {
    for (const hint of ['0/0', '1000/1', frameRate]) {
      expect(findFrameRate(grid(framesPerSecond, Math.ceil(framesPerSecond * 10)), hint)).toEqual({ frameRate, variableFrameRate: false })
    }
  })

  test('and a wrong hint does not mislead', () => {
    expect(findFrameRate(grid(30, 300), '60/1')).toEqual({ frameRate: '30/1', variableFrameRate: false })
  })

  test('a single missing frame makes it variable', () => {
    const times = grid(30, 300).filter((_, place) => place !== 100)
    expect(findFrameRate(times, '30/1').variableFrameRate).toBe(true)
  })

  test('a variable rate comes with its average', () => {
    expect(findFrameRate([0, 0.1, 0.15, 0.4, 0.5, 1], '30/1')).toEqual({ frameRate: '5000/1000', variableFrameRate: true })
  })

  test.each([[[]], [[0]], [[0, 0]]])('times that tell nothing (%j) take the hint, or 25', (times) => {
    expect(findFrameRate(times, '24/1')).toEqual({ frameRate: '24/1', variableFrameRate: false })
    expect(findFrameRate(times, '0/0')).toEqual({ frameRate: '25/1', variableFrameRate: false })
  })
})

test('A fraction is read strictly', () => {
  expect(parseFraction('30000/1001')).toBeCloseTo(29.97)
  for (const text of ['0/0', '30', '30/0', '-30/1', '1e3/1', '']) expect(parseFraction(text), text).toBeUndefined()
})
