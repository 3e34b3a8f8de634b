import type { Transcript, TranscriptWord } from '@track-orchestrator/registry/media'

/** Utterances for a listener that told words only: a new one after a silence (default 0.8 s, as Deepgram's `utt_split`) or with a new speaker. */
export function utterancesOfWords(words: readonly TranscriptWord[], gapSeconds = 0.8): Transcript['utterances'] {
  const groups: TranscriptWord[][] = []
  for (const word of words) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    if (last && last.speaker === word.speaker && word.startSeconds - last.endSeconds < gapSeconds) group?.push(word)
    else groups.push([word])
  }
  return groups.flatMap(utteranceOf)
}

function utteranceOf(words: readonly TranscriptWord[]): Transcript['utterances'] {
  const [first, last] = [words[0], words.at(-1)]
  if (!first || !last) return []
  const text = words.map((word) => word.text).join(' ')
  return [{ text, startSeconds: first.startSeconds, endSeconds: last.endSeconds, ...(first.speaker !== undefined && { speaker: first.speaker }) }]
}
