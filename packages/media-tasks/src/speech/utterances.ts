import type { Transcript, TranscriptWord } from '@track-orchestrator/registry/media'
import { joinWords } from './joined-words.ts'

type Utterances = Transcript['utterances']

/** Utterances for a listener that told words only: a new one after a silence (default 0.8 s, as Deepgram's `utt_split`) or with a new speaker. */
export function utterancesOfWords(words: readonly TranscriptWord[], gapSeconds = 0.8): Utterances {
  const groups: TranscriptWord[][] = []
  for (const word of words) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    if (last && last.speaker === word.speaker && word.startSeconds - last.endSeconds < gapSeconds) group?.push(word)
    else groups.push([word])
  }
  return groups.flatMap(utteranceOf)
}

function utteranceOf(words: readonly TranscriptWord[]): Utterances {
  const [first, last] = [words[0], words.at(-1)]
  if (!first || !last) return []
  const text = joinWords(words.map((word) => word.text))
  return [{ text, startSeconds: first.startSeconds, endSeconds: last.endSeconds, ...speakerOf(first) }]
}

/** Words for a listener that told utterances only: their time is shared out by the number of characters. */
export function wordsOfUtterances(utterances: Utterances): TranscriptWord[] {
  const words: TranscriptWord[] = []
  for (const utterance of utterances) {
    const texts = utterance.text.split(/\s+/).filter((text) => text !== '')
    const characters = texts.reduce((sum, text) => sum + text.length, 0)
    const secondsEach = Math.max(0, utterance.endSeconds - utterance.startSeconds) / characters
    let startSeconds = utterance.startSeconds
    for (const text of texts) {
      const endSeconds = startSeconds + text.length * secondsEach
      words.push({ text, startSeconds, endSeconds, ...speakerOf(utterance) })
      startSeconds = endSeconds
    }
  }
  return words
}

const speakerOf = ({ speaker }: { speaker?: number | undefined }) => (speaker === undefined ? {} : { speaker })
