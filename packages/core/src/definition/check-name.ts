import { DefinitionError, type Registry } from '@track-orchestrator/registry'
import { adviceOnName } from '@track-orchestrator/registry/options'

/**
 * Throws `DefinitionError` where a name is empty, or cannot be a key of `outputs`, a part of a path and a name on Trigger.dev: 1 to 128
 * characters of any script, without `/ \ [ ] #`, control and bidirectional characters, and spaces at the ends. `what`: whose it is, `A track`.
 */
export function checkName(what: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || name.trim() === '') throw new DefinitionError(`${what} has no name.`)
  if (name === '__proto__') throw new DefinitionError(`${what} cannot be called __proto__: outputs are filed under names. Choose another.`)
  if (name.length > longestName || name.trim() !== name || unfit.test(name)) {
    const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)
    throw new DefinitionError(`${what} cannot be called ${shown}: names are 1 to ${longestName} characters without / \\ [ ] #, control characters, or spaces at the ends. Choose another.`)
  }
}

const longestName = 128
const unfit = /[/\\[\]#\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u

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
