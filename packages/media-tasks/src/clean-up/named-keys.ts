/** Longer texts (a transcript, subtitles) name no files. */
const longestName = 8_192

/**
 * Tells of a key whether the value names it, anywhere in it: as a URL, signed, public or of the storage, or as the key alone. In doubt
 * it says yes.
 */
export function keyNames(value: unknown): (key: string) => boolean {
  const names: string[] = []
  const seen = new Set<object>()
  const collect = (inner: unknown): void => {
    if (typeof inner === 'string') {
      if (inner.includes('/') && inner.length <= longestName) names.push(inner, decoded(inner))
    } else if (typeof inner === 'object' && inner !== null && !seen.has(inner)) {
      seen.add(inner)
      for (const item of Object.values(inner)) collect(item)
    }
  }
  collect(value)
  const all = names.join('\n')
  return (key) => all.includes(key)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
