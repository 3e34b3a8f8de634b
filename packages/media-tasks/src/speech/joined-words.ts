/** A word in a line: `glued` where it is part of a longer one, and follows the part before it without a space. */
export interface LineWord {
  readonly text: string
  readonly glued?: boolean
}

/** Scripts that put no space between words. */
const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々〆`
/** Punctuation that brings its own space: 。「」！ */
const wide = String.raw`\u3001-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65`
const unspacedLetter = new RegExp(`[${unspaced}]`, 'u')
const lastSign = new RegExp(String.raw`([${wide}]|[\p{L}\p{N}]\p{M}*)[^\p{L}\p{N}${wide}]*$`, 'u')
const firstSign = new RegExp(String.raw`^[^\p{L}\p{N}${wide}]*?([${wide}]|[\p{L}\p{N}])`, 'u')
/** Punctuation that some listeners tell as a word of its own. */
const isStop = /^[!?.,;:…%)\]}]+$/
const isWide = new RegExp(`^[${wide}]$`, 'u')

/** Whether a text is written, at least in part, without spaces between its words. */
export const isUnspaced = (text: string): boolean => unspacedLetter.test(text)

/** What stands between two words: nothing where their script has no spaces, else one. */
export function spaceBetween(before: string, { text, glued }: LineWord): '' | ' ' {
  if (glued) return ''
  const left = lastSign.exec(before.slice(-20))?.[1] ?? ''
  const right = firstSign.exec(text.slice(0, 20))?.[1] ?? ''
  if (isWide.test(left) || isWide.test(right)) return ''
  const [leftIs, rightIs] = [isUnspaced(left), isUnspaced(right)]
  if (leftIs && isStop.test(text)) return ''
  return (leftIs && rightIs) || (leftIs && /^\d/.test(right)) || (rightIs && /^\d/.test(left)) ? '' : ' '
}

/** The words as one line of text. */
export const joinWords = (texts: readonly string[]): string => texts.reduce((line, text) => (line === '' ? text : `${line}${spaceBetween(line, { text })}${text}`), '')

/**
 * A text without spaces in the words that its language has (`Intl.Segmenter`), each with the punctuation after it, so that no line
 * begins with a full stop. One piece for everything else.
 */
export function piecesOf(text: string): string[] {
  if (!isUnspaced(text)) return [text]
  const pieces: string[] = []
  let opening = ''
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (isWordLike) {
      pieces.push(opening + segment)
      opening = ''
    } else if (/^[\p{Ps}\p{Pi}]$/u.test(segment) || pieces.length === 0) opening += segment
    else pieces[pieces.length - 1] += segment
  }
  if (opening !== '') pieces.push((pieces.pop() ?? '') + opening)
  return pieces
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })
