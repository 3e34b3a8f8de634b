import { describe, expect, test } from 'vitest'
import { fitToSlot, type FitRules, type Slot } from './fit-to-slot.ts'

const rules: FitRules = { maxSpeedUp: 1.5, borrowSilence: true }

/** A cue from 10 to 12 s, and what becomes of a clip in it. */
function fit(slot: Partial<Slot>, changed: Partial<FitRules> = {}) {
  const found = fitToSlot({ startSeconds: 10, endSeconds: 12, spokenSeconds: 1, ...slot }, { ...rules, ...changed })
  const seconds = (slot.spokenSeconds ?? 1) / found.speedUp
  return { speedUp: found.speedUp, borrowedSeconds: Math.max(0, Math.min(seconds, found.roomSeconds) - found.slotSeconds), overrunSeconds: Math.max(0, seconds - found.roomSeconds) }
}

describe('A clip', () => {
  test('that fits its slot is left alone', () => {
    expect(fit({ spokenSeconds: 2, nextStartSeconds: 12 })).toEqual({ speedUp: 1, borrowedSeconds: 0, overrunSeconds: 0 })
  })

  test('that is longer takes the silence before the next cue first', () => {
    expect(fit({ spokenSeconds: 2.5, nextStartSeconds: 13 })).toEqual({ speedUp: 1, borrowedSeconds: 0.5, overrunSeconds: 0 })
  })

  test('that needs more than that is played faster, as little as possible', () => {
    const { speedUp, borrowedSeconds, overrunSeconds } = fit({ spokenSeconds: 3.3, nextStartSeconds: 13 })
    expect(speedUp).toBeCloseTo(3.3 / 2.99, 6)
    expect(borrowedSeconds).toBeCloseTo(0.99, 6)
    expect(overrunSeconds).toBe(0)
  })

  test('is not played faster than the limit, and overruns', () => {
    expect(fit({ spokenSeconds: 6, nextStartSeconds: 13 })).toEqual({ speedUp: 1.5, borrowedSeconds: 1, overrunSeconds: 1 })
  })

  test('takes no silence where it may not', () => {
    expect(fit({ spokenSeconds: 2.5, nextStartSeconds: 13 }, { borrowSilence: false }).speedUp).toBeCloseTo(2.5 / 1.99, 6)
  })

  test('may be as long as it likes after the last cue, but not past the end', () => {
    expect(fit({ spokenSeconds: 60 })).toMatchObject({ speedUp: 1, overrunSeconds: 0 })
    expect(fit({ spokenSeconds: 60, lastSeconds: 14 })).toMatchObject({ speedUp: 1.5, overrunSeconds: 36 })
  })

  test('keeps its slot where the next cue overlaps it: somebody speaks at the same time', () => {
    expect(fit({ spokenSeconds: 2, nextStartSeconds: 10.5 })).toEqual({ speedUp: 1, borrowedSeconds: 0, overrunSeconds: 0 })
  })

  test('whose slot has no length at all is played as fast as allowed', () => {
    expect(fit({ endSeconds: 10, nextStartSeconds: 10, spokenSeconds: 1.5 })).toEqual({ speedUp: 1.5, borrowedSeconds: 0, overrunSeconds: 1 })
  })

  test('that begins after the end overruns with all of it', () => {
    expect(fit({ lastSeconds: 5, spokenSeconds: 1.5 })).toEqual({ speedUp: 1.5, borrowedSeconds: 0, overrunSeconds: 1 })
  })

  test('of silence needs nothing', () => {
    expect(fit({ endSeconds: 10, nextStartSeconds: 10, spokenSeconds: 0 })).toEqual({ speedUp: 1, borrowedSeconds: 0, overrunSeconds: 0 })
  })
})
