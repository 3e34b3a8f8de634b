import { piecesOf } from './joined-words.ts'

/** Where a text is best divided, the best first: after a sentence, after a clause, between words. */
const divisions = [/[.!?…。！？؟۔।]["'”’»)\]」』]*(?=\s|$|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])/gu, /[,;:—–、，；：،؛]["'”’»)\]」』]*/gu, /\s(?=\S)/gu]

/**
 * A text in pieces of at most so many characters: divided after a sentence, else after a clause, else between words (of scripts without spaces too),
 * and only where there is none of these, within one. No piece is shorter than a quarter of the limit, but the last.
 */
export function textPieces(text: string, mostCharacters: number): string[] {
  const pieces: string[] = []
  let rest = text.trim()
  while (rest.length > mostCharacters) {
    const end = divisionOf(rest.slice(0, mostCharacters))
    pieces.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
  return rest === '' ? pieces : [...pieces, rest]
}

function divisionOf(head: string): number {
  const least = head.length / 4
  for (const division of divisions) {
    const ends = [...head.matchAll(division)].map(({ index, 0: found }) => index + found.length).filter((end) => end >= least)
    const last = ends.at(-1)
    if (last !== undefined) return last
  }
  const whole = piecesOf(head).slice(0, -1).join('').length
  if (whole >= least) return whole
  // Half of a sign that takes two units would be none.
  return /[\ud800-\udbff]$/.test(head) ? head.length - 1 : head.length
}
