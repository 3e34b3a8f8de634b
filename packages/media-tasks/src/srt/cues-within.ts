import { srtText } from './format-srt.ts'
import type { SrtCue } from './parse-srt.ts'

/** The cues that are seen while a video of this length plays, in order, the last ones cut at its end; without those that say or last nothing. */
export function cuesWithin(cues: readonly SrtCue[], durationSeconds: number): SrtCue[] {
  return cues
    .map((cue) => ({ ...cue, endSeconds: Math.min(cue.endSeconds, Math.floor(durationSeconds * 1_000) / 1_000) }))
    .filter(({ startSeconds, endSeconds, text }) => endSeconds > startSeconds && srtText(text) !== '')
    .toSorted((a, b) => a.startSeconds - b.startSeconds)
}
