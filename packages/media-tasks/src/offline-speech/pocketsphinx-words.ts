import type { TranscriptWord } from '@track-orchestrator/registry/media'

/** A word as `pocketsphinx_continuous -time yes` prints it: word, start, end, confidence. */
const wordLine = /^(\S+) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+)$/
/** `<s>`, `<sil>`, `[NOISE]`, `++UH++`: sounds that are no words. */
const noWord = /^(?:<.*>|\[.*\]|\+\+.*\+\+)$/

/** The word in a line that pocketsphinx printed; nothing in all other lines. `was(2)` is the second way to say `was`. */
export function readPocketsphinxLine(line: string): TranscriptWord | undefined {
  const [, word = '', start, end, confidence] = wordLine.exec(line.trim()) ?? []
  if (word === '' || noWord.test(word)) return undefined
  return {
    text: word.replace(/\(\d+\)$/, ''),
    startSeconds: Number(start),
    endSeconds: Math.max(Number(start), Number(end)),
    confidence: Math.min(1, Number(confidence)), // its logarithms round to a little over 1
  }
}
