import type { SpeechSegment } from '@track-orchestrator/registry/media'
import { spaceBetween } from '../speech/joined-words.ts'
import { endsSentence } from './speech-runs.ts'

/** What is said in one go: a segment that has no number yet. */
export type Unit = Omit<SpeechSegment, 'index'>

export interface UnitRules {
  /** A silence this long divides what is said, in the middle of a sentence too. */
  readonly maxPauseSeconds: number
  /** No unit becomes longer by joining. */
  readonly maxUnitSeconds: number
}

/**
 * Joins cues that are parts of one sentence, so that it is spoken in one go, with one tune. Cues stay apart where a sentence ends, the speaker
 * changes, there is a pause, they overlap, or the unit would become too long. `units` come in the order of time.
 */
export function sentenceUnits(units: readonly Unit[], { maxPauseSeconds, maxUnitSeconds }: UnitRules): Unit[] {
  const joined: Unit[] = []
  for (const unit of units) {
    const last = joined.at(-1)
    const pause = last ? unit.startSeconds - last.endSeconds : Infinity
    const goesOn =
      last !== undefined &&
      last.speaker === unit.speaker &&
      pause >= 0 &&
      pause < maxPauseSeconds &&
      unit.endSeconds - last.startSeconds <= maxUnitSeconds &&
      !endsSentence(/\S+$/.exec(last.text)?.[0] ?? '', unit.text)
    if (goesOn) joined[joined.length - 1] = { ...last, endSeconds: unit.endSeconds, text: `${last.text}${spaceBetween(last.text, unit)}${unit.text}` }
    else joined.push(unit)
  }
  return joined
}
