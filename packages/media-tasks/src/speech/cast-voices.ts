import type { SpeechSegment } from '@track-orchestrator/registry/media'

/** Who is to speak for whom. */
export interface Casting {
  /** By speaker number. */
  readonly voices: Readonly<Record<string, string>>
  /** For all speakers that `voices` does not name. */
  readonly voice?: string | undefined
}

/**
 * The voice of each speaker: the one given for the number, else the one given for all, else one of `known` that nobody else has, in
 * the order in which the speakers first speak; when all are taken, from the first again. Nothing where none is known. Where no speaker is known at all, everybody is speaker 0.
 */
export function castVoices(segments: readonly SpeechSegment[], casting: Casting, known: readonly string[] = []): (speaker: number | undefined) => string | undefined {
  const taken = new Set(Object.values(casting.voices))
  const free = known.filter((voice) => !taken.has(voice))
  const turns = free.length > 0 ? free : known
  const nobodyKnown = segments.every(({ speaker }) => speaker === undefined)
  const cast = new Map<number | undefined, string | undefined>()
  for (const { speaker } of segments) {
    if (cast.has(speaker)) continue
    const given = speaker === undefined ? (nobodyKnown ? casting.voices[0] : undefined) : casting.voices[speaker]
    const inTurn = [...cast].filter(([other]) => other === undefined || !(other in casting.voices)).length
    cast.set(speaker, given ?? casting.voice ?? turns[inTurn % turns.length])
  }
  return (speaker) => cast.get(speaker) ?? casting.voice
}
