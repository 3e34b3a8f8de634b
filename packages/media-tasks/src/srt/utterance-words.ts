import type { Transcript, TranscriptWord } from '@track-orchestrator/registry/media'

/** Words for a listener that told sentences only: their time is shared out by the number of characters. */
export function wordsOfUtterances(utterances: Transcript['utterances']): TranscriptWord[] {
  return utterances.flatMap(({ text, startSeconds, endSeconds, speaker }) => {
    const words = text.split(/\s+/).filter((word) => word !== '')
    const secondsPerCharacter = Math.max(0, endSeconds - startSeconds) / words.reduce((sum, word) => sum + word.length, 0)
    let at = startSeconds
    return words.map((word) => {
      const timed = { text: word, startSeconds: at, endSeconds: (at += word.length * secondsPerCharacter) }
      return speaker === undefined ? timed : Object.assign(timed, { speaker })
    })
  })
}
