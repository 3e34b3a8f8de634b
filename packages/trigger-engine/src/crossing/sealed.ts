/**
 * A value as JSON text. Trigger.dev's SDK takes objects with the keys `constructor`, `prototype` and `__proto__`, at whatever depth, for
 * an attack on prototypes: it cannot send them, so such a value travels as text.
 */
export interface Sealed {
  readonly json: string
}

const refusedKeys: ReadonlySet<string> = new Set(['constructor', 'prototype', '__proto__'])

/** The value as it can travel: itself, or sealed. */
export function seal<Value>(value: Value): Value | Sealed {
  return hasRefusedKey(value) ? { json: JSON.stringify(value) } : value
}

/** Looked for in the value: to look for it in its JSON, all of that would have to be made. */
function hasRefusedKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(hasRefusedKey)
  for (const key of Object.keys(value)) if (refusedKeys.has(key) || hasRefusedKey((value as Record<string, unknown>)[key])) return true
  return false
}

/** The value that was sealed, or is as it is. `Value` has no key `json` of its own. */
export function unseal<Value extends object>(value: Value | Sealed): Value {
  return 'json' in value ? (JSON.parse(value.json) as Value) : value
}
