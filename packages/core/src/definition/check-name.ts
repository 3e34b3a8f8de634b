import { DefinitionError, type Registry } from '@track-orchestrator/registry'

/** Throws `DefinitionError` where a name is empty, or cannot be a key of `outputs`. `what` says whose name: `A track`. */
export function checkName(what: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || name.trim() === '') throw new DefinitionError(`${what} has no name.`)
  if (name === '__proto__') throw new DefinitionError(`${what} cannot be called __proto__: outputs are filed under names. Choose another.`)
}

/** Throws `DefinitionError` where a name stands twice in a list. `where` begins the message: `Orchestrator "Video": two tracks`. */
export function checkUnique(where: string, names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw new DefinitionError(`${where} are called "${name}". Outputs are filed under names: rename one.`)
    seen.add(name)
  }
}

/** Throws `DefinitionError`, suggesting the nearest name, where the registry has no such task. `where` begins the message. */
export function checkTaskName(registry: Registry, where: string, taskName: unknown): void {
  checkName(`${where}: the task`, taskName)
  if (Object.hasOwn(registry, taskName)) return
  throw new DefinitionError(`${where}: the registry has no task "${taskName}". ${adviceOnName(taskName, Object.keys(registry))}`)
}

/** What to do about an unknown name: the nearest known one, or the known ones if none is near. */
export function adviceOnName(unknown: string, known: readonly string[]): string {
  const near = nearestName(unknown, known)
  if (near !== undefined) return `Did you mean "${near}"?`
  if (known.length === 0) return 'There are none.'
  const more = known.length - shown
  return `There are: ${known.slice(0, shown).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
}

const shown = 8

/** The known name with the fewest edits between; none where a third of the letters, and more than two, would differ. */
function nearestName(unknown: string, known: readonly string[]): string | undefined {
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
