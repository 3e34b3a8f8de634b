import { joinWords } from '../speech/joined-words.ts'

/** What is to be said of a cue's text: without formatting (`<i>`, `{\an8}`), in one line, as its language joins lines. Empty where it has no word. */
export function spokenText(text: string): string {
  const lines = text
    .replace(/<\/?[a-z][^<>]{0,200}>/gi, '')
    .replace(/\{\\[^{}]{0,200}\}/g, '')
    .replace(/&(amp|lt|gt|quot|apos|#39|nbsp);/g, (_, name: string) => entities[name] ?? ' ')
    // Line ends, also those of ASS, which players obey in SubRip too.
    .split(/[\r\n\u2028\u2029]|\\N/)
    .map((line) => line.replace(/[\p{Cc}\p{Cs}]|\\h/gu, ' ').replace(/\s+/g, ' ').trim())
  const plain = joinWords(lines.filter((line) => line !== ''))
  return /[\p{L}\p{N}]/u.test(plain) ? plain : ''
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'" }
