const graphemes = new Intl.Segmenter()
/** East Asian Wide and Fullwidth (Unicode Standard Annex 11), in blocks, and emoji. */
const wide = /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}\p{Emoji_Presentation}]|\uFE0F/u
const onlyMarks = /^\p{M}+$/u
const plain = /^[\u0020-\u007E]*$/

/** How many columns of a terminal a text takes: a wide character (音, 🎬) two, a mark above another one none. */
export function columnsOf(text: string): number {
  if (plain.test(text)) return text.length
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += columnsOfOne(segment)
  return columns
}

const columnsOfOne = (character: string): number => (wide.test(character) ? 2 : onlyMarks.test(character) ? 0 : 1)

/** As much of a text as so many columns hold, and the rest. */
export function splitAt(text: string, columns: number): readonly [start: string, rest: string] {
  if (plain.test(text.slice(0, columns + 1))) return [text.slice(0, columns), text.slice(columns)]
  let start = ''
  let taken = 0
  // Not all of a text of megabytes, for one line of it.
  for (const { segment } of graphemes.segment(text.slice(0, columns * 16 + 64))) {
    taken += columnsOfOne(segment)
    if (taken > columns) break
    start += segment
  }
  return [start, text.slice(start.length)]
}

/** The text, or what of it so many columns hold, with a sign that there is more. */
export function cutTo(text: string, columns: number): string {
  return columnsOf(text) <= columns ? text : columns < 1 ? '' : `${splitAt(text, columns - 1)[0]}…`
}
