import { configure } from 'safe-stable-stringify'

const stringify = configure({ strict: true })

/**
 * JSON that does not depend on the order in which keys were written: for keys and hashes. It means what `JSON.stringify` means, but for
 * what JSON would quietly turn into something else: NaN, infinite numbers, bigints, functions, symbols and circles are a `TypeError`, for
 * two values that differ must not get one key. `undefined` alone is the text `undefined`; as the value of a key it is left out.
 */
export function canonicalJson(value: unknown): string {
  try {
    return isInOrder(value, levelsLookedAt) ? JSON.stringify(value) : (stringify(value) ?? 'undefined')
  } catch (cause) {
    throw new TypeError(`A value that is no JSON has no key: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** A circle goes deeper. */
const levelsLookedAt = 50

/** Whether the value is plain JSON with its keys in order already: then `JSON.stringify` writes the same, several times as fast. */
function isInOrder(value: unknown, levels: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      if (value === null) return true
      if (levels === 0 || (value as { toJSON?: unknown }).toJSON !== undefined) return false
      return Array.isArray(value) ? value.every((item) => isInOrder(item, levels - 1)) : hasKeysInOrder(value, levels)
    default:
      return false
  }
}

function hasKeysInOrder(value: object, levels: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  let before = ''
  for (const key in value) {
    if (key < before) return false
    before = key
    const inner = (value as Record<string, unknown>)[key]
    if (inner !== undefined && !isInOrder(inner, levels - 1)) return false
  }
  return true
}
