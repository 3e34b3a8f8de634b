import { softenEdges, soundingSpan } from '../sounding-span.ts'

/** A voice takes a breath for about so long between two clauses, in seconds. */
const breathSeconds = 0.18

/** Clips of one text, spoken in pieces, as one: without the silence that each began and ended with, a breath apart. The first beginning and the last end stay. */
export function joinClips(clips: readonly Int16Array[], sampleRateHz: number): Int16Array {
  if (clips.length < 2) return clips[0] ?? new Int16Array()
  const breath = new Int16Array(Math.round(breathSeconds * sampleRateHz))
  const parts = clips.flatMap((clip, place) => {
    const span = soundingSpan(clip, sampleRateHz) ?? { start: 0, end: clip.length }
    const part = clip.slice(place === 0 ? 0 : span.start, place === clips.length - 1 ? clip.length : span.end)
    softenEdges(part, sampleRateHz)
    return place === 0 ? [part] : [breath, part]
  })
  const joined = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
