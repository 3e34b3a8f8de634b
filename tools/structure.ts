/** The first imports the second. */
export type Arrow = readonly [from: string, to: string]

/** Groups of names of which each leads to every other, by arrows; sorted. Tarjan's algorithm: each name is visited once. */
export function circlesOf(arrows: readonly Arrow[]): string[][] {
  const next = new Map<string, string[]>()
  for (const [from, to] of arrows) next.set(from, [...(next.get(from) ?? []), to])
  const circles: string[][] = []
  const numbers = new Map<string, number>()
  const waiting: string[] = []
  /** The lowest number that the name leads to, of those that still wait for their group. */
  const visit = (name: string): number => {
    const number = numbers.size
    numbers.set(name, number)
    waiting.push(name)
    let lowest = number
    for (const to of next.get(name) ?? []) {
      if (!numbers.has(to)) lowest = Math.min(lowest, visit(to))
      else if (waiting.includes(to)) lowest = Math.min(lowest, numbers.get(to)!)
    }
    if (lowest === number) {
      const group = waiting.splice(waiting.indexOf(name))
      if (group.length > 1) circles.push(group.toSorted())
    }
    return lowest
  }
  for (const name of next.keys()) if (!numbers.has(name)) visit(name)
  return circles.toSorted(([first = ""], [second = ""]) => (first < second ? -1 : 1))
}

/**
 * The arrows of files as arrows of rooms, for each folder by itself: its rooms are the files in it, and the folders in it as a whole
 * (`src/run/`). An arrow stands in the one folder in which its ends part.
 */
export function roomsOf(arrows: readonly Arrow[]): Arrow[][] {
  const byFolder = new Map<string, Map<string, Arrow>>()
  for (const [from, to] of arrows) {
    const [fromParts, toParts] = [from.split('/'), to.split('/')]
    const depth = fromParts.findIndex((part, index) => part !== toParts[index])
    if (depth < 0) continue
    const room = (parts: readonly string[]) => parts.slice(0, depth + 1).join('/') + (parts.length > depth + 1 ? '/' : '')
    const folder = fromParts.slice(0, depth).join('/')
    const arrow: Arrow = [room(fromParts), room(toParts)]
    byFolder.set(folder, (byFolder.get(folder) ?? new Map<string, Arrow>()).set(arrow.join(' > '), arrow))
  }
  return [...byFolder.values()].map((found) => [...found.values()])
}
