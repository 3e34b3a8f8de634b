/** A word as a listener told it: times may be missing, or make no sense. */
export interface LooseWord {
  readonly text: string
  readonly startSeconds?: number | undefined
  readonly endSeconds?: number | undefined
}

/** How fast words are taken to be said that have no times, and none after them, in seconds a character. */
const secondsPerCharacter = 1 / 15

/**
 * The words with times, in the order in which they were told: those without times share, by their length, what lies between the words
 * around them.
 */
export function withTimes<Word extends LooseWord>(words: readonly Word[]): (Word & { startSeconds: number; endSeconds: number })[] {
  const timed: (Word & { startSeconds: number; endSeconds: number })[] = []
  for (let at = 0; at < words.length; ) {
    let end = at
    while (end < words.length && words[end]?.startSeconds === undefined) end++
    const missing = words.slice(at, end)
    const from = timed.at(-1)?.endSeconds ?? 0
    const characters = missing.reduce((sum, { text }) => sum + text.length, 0)
    const until = Math.max(from, words[end]?.startSeconds ?? from + characters * secondsPerCharacter)
    let start = from
    for (const word of missing) {
      const share = ((until - from) * word.text.length) / Math.max(1, characters)
      timed.push({ ...word, startSeconds: start, endSeconds: start + share })
      start += share
    }
    const word = words[end]
    if (word) {
      const startSeconds = Math.max(0, word.startSeconds ?? 0)
      const endSeconds = word.endSeconds ?? startSeconds
      // What ends before it begins has a beginning: how long it is seen is decided where cues are made.
      timed.push({ ...word, startSeconds, endSeconds: Math.max(startSeconds, endSeconds) })
    }
    at = end + 1
  }
  return timed
}
