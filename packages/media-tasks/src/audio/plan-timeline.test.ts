import { describe, expect, test } from 'vitest'
import { planTimeline, type PlannedUnit, type PlanRules } from './plan-timeline.ts'

/** Units from `[start, end, spoken]`, and where they come to stand. */
function plan(units: readonly (readonly [number, number, number, number?])[], rules: Partial<PlanRules> = {}) {
  const planned = units.map(([startSeconds, endSeconds, spokenSeconds, voiceSpeed = 1]): PlannedUnit => ({ startSeconds, endSeconds, spokenSeconds, voiceSpeed }))
  const places = planTimeline(planned, { maxSpeedUp: 1.25, borrowSilence: true, ...rules })
  return places.map((place, index) => ({ ...place, endSeconds: place.startSeconds + (planned[index]?.spokenSeconds ?? 0) / place.speedUp }))
}

describe('A plan', () => {
  test('lets every unit begin with its cue where all fit', () => {
    expect(plan([[1, 2, 1], [3, 4, 1.5], [5, 6, 1]]).map(({ startSeconds, speedUp }) => [startSeconds, speedUp])).toEqual([[1, 1], [3, 1], [5, 1]]) // prettier-ignore
  })

  test('never has two units sound at once, whatever their lengths', () => {
    let seed = 7
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
    for (let round = 0; round < 200; round++) {
      let at = 0
      const units = Array.from({ length: 12 }, () => {
        const start = at + random() * 2
        at = start + 0.2 + random() * 3
        return [start, at, random() * 6, 0.8 + random() * 0.4] as const
      })
      const places = plan(units, { durationSeconds: at + 1 })
      for (const [index, place] of places.entries()) {
        if (index > 0) expect(place.startSeconds).toBeGreaterThanOrEqual((places[index - 1]?.endSeconds ?? 0) - 1e-9)
        expect(place.speedUp * Math.max(1, units[index]?.[3] ?? 1)).toBeLessThanOrEqual(1.25 + 1e-9)
      }
    }
  })

  test('makes good in the next pause what one unit took too long', () => {
    const [first, second, third] = plan([[0, 1, 2.5], [1, 3, 1.6], [6, 7, 1]])
    expect(first).toMatchObject({ startSeconds: 0, speedUp: 1.25 })
    expect(second).toMatchObject({ startSeconds: 2, shiftedSeconds: 1, speedUp: 1 })
    expect(third).toMatchObject({ startSeconds: 6, shiftedSeconds: 0 })
  })

  test('plays what the voice was asked to speak fast no faster than the whole rate allows', () => {
    expect(plan([[0, 1, 3, 1.2], [1, 2, 0.5]])[0]?.speedUp).toBeCloseTo(1.25 / 1.2)
    expect(plan([[0, 1, 3, 0.8], [1, 2, 0.5]])[0]?.speedUp).toBe(1.25)
  })
})
