/** What a voice made for English letters can be given to read: the text's own words, written in ASCII. Empty where nothing is left. */
export function speakableText(text: string): string {
  const plain = text
    .replace(/[‘’‚‛′]/g, "'")
    .replace(/[“”„‟″«»]/g, '"')
    .replace(/[‒–—―]/g, ' - ')
    .replace(/ß/g, 'ss')
    .replace(/[ÆæŒœØø]/g, (letter) => ({ Æ: 'Ae', æ: 'ae', Œ: 'Oe', œ: 'oe', Ø: 'O', ø: 'o' })[letter] ?? ' ')
    .normalize('NFKD') // é becomes e and an accent, … becomes three stops
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/\S{40}(?=\S)/g, '$& ') // no word is longer; what is would take flite minutes
    .replace(/ {2,}/g, ' ')
    .trim()
  return /[a-z\d]/i.test(plain) ? plain : ''
}

/** The text in pieces of at most `maxCharacters`, cut after sentences, else between words: memory stays bounded however long it is. */
export function piecesOfText(text: string, maxCharacters: number): string[] {
  const pieces: string[] = []
  let rest = text
  while (rest.length > maxCharacters) {
    const head = rest.slice(0, maxCharacters + 1)
    const sentences = /^.*[.!?]["')]*(?= )/s.exec(head)?.[0].length ?? 0
    const words = head.lastIndexOf(' ')
    const end = sentences > maxCharacters / 4 ? sentences : words > 0 ? words : maxCharacters
    pieces.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return rest === '' ? pieces : [...pieces, rest]
}
