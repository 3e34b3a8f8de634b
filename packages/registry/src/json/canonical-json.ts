import { configure } from 'safe-stable-stringify'

const stringify = configure({ strict: true })

/**
 * JSON that does not depend on the order in which keys were written: for keys and hashes. It means what `JSON.stringify` means, but for
 * what JSON would quietly turn into something else: NaN, infinite numbers, bigints, functions, symbols and circles are a `TypeError`, for
 * two values that differ must not get one key. `undefined` alone is the text `undefined`; as the value of a key it is left out.
 */
export function canonicalJson(value: unknown): string {
  try {
    return stringify(value) ?? 'undefined'
  } catch (cause) {
    throw new TypeError(`A value that is no JSON has no key: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
