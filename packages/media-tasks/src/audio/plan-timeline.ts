import { fitToSlot, type Fit, type FitRules } from './fit-to-slot.ts'

/** What is to be laid: when, and how long it is as it was spoken. Seconds. */
export interface PlannedUnit {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly spokenSeconds: number
  /** The pace that the voice was asked for; 1 is its own. */
  readonly voiceSpeed: number
}

export interface PlanRules extends FitRules {
  /** When everything ends, if that is fixed. */
  readonly durationSeconds?: number | undefined
}

/** Where a unit stands, and how it fits there. */
export interface Place extends Fit {
  readonly startSeconds: number
  /** Later than its cue; less than 0 where it had to begin earlier. */
  readonly shiftedSeconds: number
  /** What sounds after this sounds together with what it should not, or is not heard. Infinity where the next one makes room. */
  readonly mayEndSeconds: number
}

/** A shift that is less than this is rounding. */
const leastShift = 0.0005

/**
 * Where each unit stands, in the order of their starts. A unit begins with its cue. One that does not fit, though it borrowed silence and is played
 * as fast as it may, moves the next one, which makes good what it can by its own pause and pace; and the last one begins earlier where it would
 * be cut at the end, if there is a pause before it. Units whose cues overlap speak at the same time, as they are meant to: they move
 * nothing. `maxSpeedUp` is the whole rate: what the voice itself was asked to be faster counts.
 */
export function planTimeline(units: readonly PlannedUnit[], { maxSpeedUp, borrowSilence, durationSeconds = Infinity }: PlanRules): Place[] {
  const places: Place[] = []
  let free = 0
  for (const [index, unit] of units.entries()) {
    const { startSeconds, endSeconds, spokenSeconds, voiceSpeed } = unit
    const before = units[index - 1]
    const isMeantToOverlap = before !== undefined && startSeconds < before.endSeconds
    const last = index === units.length - 1 || units.slice(index + 1).every((later) => later.startSeconds >= durationSeconds)
    const earliest = isMeantToOverlap ? startSeconds : Math.max(startSeconds, free)
    const rules = { maxSpeedUp: Math.max(1, maxSpeedUp / Math.max(1, voiceSpeed)), borrowSilence }
    const at = (start: number) => fitToSlot({ startSeconds: start, endSeconds: Math.max(endSeconds, start), nextStartSeconds: units[index + 1]?.startSeconds, lastSeconds: durationSeconds, spokenSeconds }, rules)
    let start = earliest
    let fit = at(start)
    if (last && startSeconds < durationSeconds && start + spokenSeconds / fit.speedUp > durationSeconds) {
      start = Math.min(start, Math.max(free, durationSeconds - spokenSeconds / fit.speedUp))
      fit = at(start)
    }
    const next = units[index + 1]
    const ownEnd = next !== undefined && next.startSeconds < endSeconds ? endSeconds : Infinity
    const shift = start - startSeconds
    places.push({ ...fit, startSeconds: start, slotSeconds: endSeconds - startSeconds, shiftedSeconds: Math.abs(shift) < leastShift ? 0 : shift, mayEndSeconds: Math.min(ownEnd, durationSeconds) })
    free = Math.max(free, start + spokenSeconds / fit.speedUp)
  }
  return places
}
