/** A word as a person types it in a shell, so that it arrives as it is: with quotes where it needs some. `platform`: as Node calls it. */
export function shellWord(word: string, platform: string = process.platform): string {
  if (/^[\w@%+:,./=-]+$/.test(word)) return word
  return platform === 'win32' ? `"${word.replaceAll('"', '""')}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
