import type { TranscriptWord } from '@track-orchestrator/registry/media'

/** Words that belong together: one speaker, no long silence, at most one sentence. */
export type SpeechRun = readonly TranscriptWord[]

/** A stop that ends no sentence, in English at least. */
const abbreviation = /^(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|Mt|vs|No|Gen|Col|Capt|Lt|Rev|Hon|e\.g|i\.e|[A-Z](?:\.[A-Z])+)\.$/
const sentenceEnd = /[.!?…。！？]["'”’)\]]*$/

/** The words in order of time, divided where the speaker changes, a sentence ends, or nobody speaks for `maxGapSeconds`. */
export function speechRuns(words: readonly TranscriptWord[], maxGapSeconds: number): SpeechRun[] {
  const runs: TranscriptWord[][] = []
  for (const word of words.toSorted((a, b) => a.startSeconds - b.startSeconds)) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const goesOn =
      last !== undefined &&
      last.speaker === word.speaker &&
      word.startSeconds - last.endSeconds < maxGapSeconds &&
      (!sentenceEnd.test(last.text) || abbreviation.test(last.text))
    if (goesOn) run?.push(word)
    else runs.push([word])
  }
  return runs
}
