import type { TranscriptWord } from '@track-orchestrator/registry/media'

/** Words that belong together: one speaker, no long silence, at most one sentence. */
export type SpeechRun = readonly RunWord[]

/** A word, or a part of one (`glued` to the part before it). */
export interface RunWord extends TranscriptWord {
  readonly glued?: boolean
}

/** A stop that ends no sentence: an initial, a number (`5.`), an abbreviation of English, or of titles elsewhere. */
const abbreviation =
  /^["'“‘(«]*(?:\p{L}|\d+(?:[.,]\d+)*|(?:\p{L}\.)+\p{L}|Mr|Mrs|Ms|Mx|Dr|Prof|Sr|Jr|St|Mt|Ft|vs|No|Nos|Gen|Col|Capt|Lt|Sgt|Maj|Rev|Hon|Gov|Sen|Rep|Pres|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun|Inc|Ltd|Co|Corp|Bros|LLC|etc|approx|ca|cf|al|dept|est|fig|Ave|Blvd|Rd|vol|ed|eds|pp?|ch|sec|min|max|Ph\.D|Mme|Mlle|Nr|bzw|usw|Sra|Srta|Dra)\.$/iu
const sentenceEnd = /(?:[.!?…‼⁇⁈⁉。！？｡．؟۔।॥։።፧။།។៕\u037e]|\p{Script=Greek};)["'”’»)\]」』）】》〉]*$/u
/** Abbreviations that are words as well: "no." is one only with a capital. */
const capitalOnly = /^(?:no|sat|sun|mar|max|min|ed|al|fig|co|gen|sec|fri|wed|rep|col)\.$/

/** Whether a word ends a sentence: the last of a text, or one after which another word follows. */
export function endsSentence(text: string, next = ''): boolean {
  if (!sentenceEnd.test(text)) return false
  return !abbreviation.test(text) || (capitalOnly.test(text) && !/^\d/.test(next))
}

/** The words in order of time, divided where the speaker changes, a sentence ends, or nobody speaks for `maxGapSeconds`. */
export function speechRuns(words: readonly RunWord[], maxGapSeconds: number): SpeechRun[] {
  const runs: RunWord[][] = []
  for (const word of words.toSorted((a, b) => a.startSeconds - b.startSeconds)) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const goesOn =
      last !== undefined &&
      last.speaker === word.speaker &&
      word.startSeconds - last.endSeconds < maxGapSeconds &&
      !endsSentence(last.text, word.text)
    if (goesOn) run?.push(word)
    else runs.push([word])
  }
  return runs
}
