interface Timed {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** What is off by less is not worth a note, in seconds. */
export const notedSeconds = 0.1

/** What begins before the end, cut there. `note` is told of what was cut or left out. Without an end, all of it. */
export function beforeEnd<Cue extends Timed>(durationSeconds: number | undefined, cues: readonly Cue[], note: (text: string) => void): Cue[] {
  if (durationSeconds === undefined) return [...cues]
  const end = Math.floor(durationSeconds * 1_000) / 1_000
  const kept = cues.filter(({ startSeconds }) => startSeconds < end)
  const left = cues.length - kept.length
  const cut = kept.filter(({ endSeconds }) => endSeconds > durationSeconds + notedSeconds).length
  if (left > 0) note(`${left} of ${cues.length} cues begin after the end, at ${durationSeconds.toFixed(1)} s: they were left out.`)
  if (cut > 0) note(`${cut} of ${cues.length} cues went on after the end, at ${durationSeconds.toFixed(1)} s: they were cut there.`)
  return kept.map((cue) => (cue.endSeconds > end ? { ...cue, endSeconds: end } : cue))
}
