/** The words in as few lines as they need, none longer than `maxCharacters`, save that a longer word stands alone in its line. */
export function wrapLines(words: readonly string[], maxCharacters: number): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= maxCharacters) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
