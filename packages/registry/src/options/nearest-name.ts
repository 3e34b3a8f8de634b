/** What to do about an unknown name: the nearest known one, or the known ones if none is near. */
export function adviceOnName(unknown: string, known: readonly string[]): string {
  const near = nearestName(unknown, known)
  if (near !== undefined) return `Did you mean "${near}"?`
  if (known.length === 0) return 'There are none.'
  const more = known.length - shown
  return `There are: ${known.slice(0, shown).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
}

const shown = 8
/** Longer names are not compared: the work grows with the product of both lengths. */
const longestCompared = 200

/** The known name with the fewest edits between; none where a third of the letters, and more than two, would differ. */
function nearestName(unknown: string, known: readonly string[]): string | undefined {
  if (unknown.length > longestCompared) return undefined
  let fewest = Math.max(2, Math.floor(unknown.length / 3)) + 1
  let nearest: string | undefined
  for (const name of known) {
    if (Math.abs(name.length - unknown.length) >= fewest) continue
    const edits = editsBetween(unknown.toLowerCase(), name.toLowerCase())
    if (edits >= fewest) continue
    fewest = edits
    nearest = name
  }
  return nearest
}

/** Letters to insert, delete or replace (Levenshtein's distance), one row of the table at a time. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
