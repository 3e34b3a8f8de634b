import { DefinitionError } from '../errors/definition-error.ts'

const part = /(?:^|\.)([A-Za-z_$][\w$-]*)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y

/** The keys of a path such as `segments[3].text` or `byName["odd key"]`. Throws `DefinitionError`. */
export function parseJsonPath(path: string): (string | number)[] {
  const keys: (string | number)[] = []
  part.lastIndex = 0
  for (let from = 0; from < path.length; from = part.lastIndex) {
    const match = part.exec(path)
    if (!match || (from === 0 && path.startsWith('.'))) throw new DefinitionError(`${JSON.stringify(path)} is no path: write it like segments[3].text or settings["odd key"].`)
    const [, name, index, quoted] = match
    const key = name ?? (index === undefined ? (JSON.parse(`"${quoted!}"`) as string) : Number(index))
    if (key === '__proto__') throw new DefinitionError(`${JSON.stringify(path)} is no path: __proto__ is no key.`)
    keys.push(key)
  }
  return keys
}

/** A copy of the value with another at that path. What is no object or list on the way is an error that says what there is. Throws `DefinitionError`. */
export function withValueAt(value: unknown, path: string, replacement: unknown): unknown {
  const keys = parseJsonPath(path)
  const put = (at: unknown, depth: number): unknown => {
    if (depth === keys.length) return structuredClone(replacement)
    const key = keys[depth]!
    if (Array.isArray(at)) {
      if (typeof key !== 'number' || key > at.length) throw noSuch(path, key, `a list of ${at.length}`)
      const copy: unknown[] = [...(at as unknown[])]
      copy[key] = put(copy[key], depth + 1)
      return copy
    }
    if (typeof at !== 'object' || at === null || typeof key === 'number') throw noSuch(path, key, at === null ? 'null' : typeof at === 'object' ? `an object with ${Object.keys(at).slice(0, 8).join(', ')}` : typeof at)
    return { ...at, [key]: put(Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : undefined, depth + 1) }
  }
  return put(value, 0)
}

function noSuch(path: string, key: string | number, what: string): DefinitionError {
  return new DefinitionError(`${JSON.stringify(path)} leads nowhere: at ${typeof key === 'number' ? `[${key}]` : key} there is ${what}.`)
}
