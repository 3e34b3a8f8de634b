import { ContractError, type ContractIssue } from '@track-orchestrator/registry'

/** Deeper values cannot be carried as JSON: whoever reads them runs out of stack. */
const deepest = 1_000

/**
 * A copy of a value that must be JSON, since it may cross processes: what a function of a definition returned, or what a caller passed.
 * Keys that are `undefined` are dropped. Throws `ContractError` naming `owner`, with the paths of what JSON cannot say.
 */
export function jsonCopy(owner: string, side: 'input' | 'output', value: unknown): unknown {
  const issues: ContractIssue[] = []
  const copied = copy(value, [], new Set(), issues)
  if (issues.length > 0) throw new ContractError(owner, side, issues)
  return copied
}

/** Freezes a value of the run's own as deep as it goes, and returns it. A loop, for values may be nested deep. */
export function deepFreeze<Value>(value: Value): Value {
  const pending: unknown[] = [value]
  while (pending.length > 0) {
    const next = pending.pop()
    if (typeof next !== 'object' || next === null) continue
    Object.freeze(next)
    for (const inner of Object.values(next)) if (typeof inner === 'object' && inner !== null) pending.push(inner)
  }
  return value
}

/** A promise that nobody waits for must not end the process when it rejects. Answers whether it is one. */
export function isIgnoredPromise(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('then' in value) || typeof value.then !== 'function') return false
  Promise.resolve(value).catch(() => {})
  return true
}

type Path = (string | number)[]

function copy(value: unknown, path: Path, around: Set<object>, issues: ContractIssue[]): unknown {
  const refuse = (what: string): undefined => {
    if (issues.length < 5) issues.push({ path: path.slice(0, 12), message: `${what} is no JSON` })
    return undefined
  }
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : refuse(String(value))
  if (typeof value !== 'object') return refuse(`a ${typeof value}`)
  if (isIgnoredPromise(value)) return refuse('a promise')
  if (around.has(value)) return refuse('an object inside itself')
  if (path.length >= deepest) return refuse(`what is nested deeper than ${deepest} levels`)
  around.add(value)
  try {
    if (Array.isArray(value)) {
      return Array.from(value, (item: unknown, index) => {
        path.push(index)
        const own = item === undefined ? refuse('undefined in a list') : copy(item, path, around, issues)
        path.pop()
        return own
      })
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) return refuse(`a ${nameOfClass(value)}`)
    const own: Record<string, unknown> = {}
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined) continue
      path.push(key)
      const copied = copy(inner, path, around, issues)
      path.pop()
      if (key === '__proto__') Object.defineProperty(own, key, { value: copied, enumerable: true, configurable: true, writable: true })
      else own[key] = copied
    }
    return own
  } finally {
    around.delete(value)
  }
}

function nameOfClass(value: object): string {
  const made = (value as { constructor?: unknown }).constructor
  return typeof made === 'function' && made.name ? made.name : 'class instance'
}
