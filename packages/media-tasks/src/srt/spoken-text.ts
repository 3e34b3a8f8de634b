/** What is to be said of a cue's text: without formatting (`<i>`, `{\an8}`), in one line. Empty where it has no word. */
export function spokenText(text: string): string {
  const plain = text
    .replace(/<\/?[a-z][^<>]{0,200}>/gi, '')
    .replace(/\{\\[^{}]{0,200}\}/g, '')
    .replace(/[\p{Cc}\p{Cs}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return /[\p{L}\p{N}]/u.test(plain) ? plain : ''
}
