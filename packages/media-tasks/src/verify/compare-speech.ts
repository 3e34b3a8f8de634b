import type { CueReport, HeardUnit } from '@track-orchestrator/registry/media'
import { spokenWithin, type SpeechLevels, type SpeechSpan } from './speech-activity.ts'

/** How far around its cue a unit is looked for, where nothing else is nearer, in seconds. */
const aroundSeconds = 0.3

/** Where each spoken unit is heard, in the old sound and in the new. In the order of time. */
export function hearUnits(cues: readonly CueReport[], old: SpeechLevels, made: SpeechLevels): HeardUnit[] {
  const ordered = cues.filter(({ spokenSeconds }) => spokenSeconds > 0).toSorted((a, b) => a.startSeconds - b.startSeconds)
  const cueSpans = ordered.map(({ cueStartSeconds, slotSeconds }) => ({ startSeconds: cueStartSeconds, endSeconds: cueStartSeconds + slotSeconds }))
  const laidSpans = ordered.map(({ startSeconds, spokenSeconds, tempo }) => ({ startSeconds, endSeconds: startSeconds + spokenSeconds / tempo }))
  return ordered.map(({ index, speedUp, overrunSeconds }, place): HeardUnit => {
    const before = hear(old, cueSpans, place)
    const after = hear(made, laidSpans, place)
    return {
      index,
      cue: cueSpans[place] as SpeechSpan,
      ...(before && { old: before }),
      ...(after && { new: after }),
      ...(before && isSpeechOf(cueSpans[place] as SpeechSpan, before) && { iou: after ? iouOf(before, after) : 0 }),
      speedUp,
      overrunSeconds,
    }
  })
}

/** A recogniser and we may differ by this much on where a unit is spoken: what is heard and its cue have at least half in common. */
const leastCommon = 0.5
/** What is as loud this long before and after the cue, in seconds, has no beginning and no end there: music, noise, a tone. */
const beyondSeconds = 0.1

/** Whether what the source is heard to do at a cue can be the speech that the cue tells of. */
function isSpeechOf(cue: SpeechSpan, heard: SpeechSpan): boolean {
  const goesOn = heard.startSeconds < cue.startSeconds - beyondSeconds && heard.endSeconds > cue.endSeconds + beyondSeconds
  return !goesOn && iouOf(cue, heard) >= leastCommon
}

/** What is heard in a span and a little around it, at most half-way to the spans beside it. */
function hear(levels: SpeechLevels, spans: readonly SpeechSpan[], place: number): SpeechSpan | undefined {
  const { startSeconds, endSeconds } = spans[place] as SpeechSpan
  const [before, after] = [spans[place - 1], spans[place + 1]]
  const from = Math.max(startSeconds - aroundSeconds, before ? Math.min(startSeconds, (before.endSeconds + startSeconds) / 2) : 0)
  const until = Math.min(endSeconds + aroundSeconds, after ? Math.max(endSeconds, (endSeconds + after.startSeconds) / 2) : Infinity)
  return spokenWithin(levels, from, until)
}

/** Of what either fills, the share that both fill. */
export function iouOf(a: SpeechSpan, b: SpeechSpan): number {
  const common = Math.min(a.endSeconds, b.endSeconds) - Math.max(a.startSeconds, b.startSeconds)
  const whole = Math.max(a.endSeconds, b.endSeconds) - Math.min(a.startSeconds, b.startSeconds)
  return whole <= 0 ? 0 : Math.max(0, common / whole)
}

/** The value below which this share of the values lies: the smallest one that does (nearest rank). 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const ordered = values.toSorted((a, b) => a - b)
  return ordered[Math.max(0, Math.ceil(ordered.length * share) - 1)] ?? 0
}
