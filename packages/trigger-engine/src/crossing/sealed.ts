/**
 * A value as JSON text. Trigger.dev's SDK takes objects with the keys `constructor`, `prototype` and `__proto__`, at whatever depth, for
 * an attack on prototypes: it cannot send them, so such a value travels as text.
 */
export interface Sealed {
  readonly json: string
}

const refusedKey = /"(?:constructor|prototype|__proto__)":/

/** The value as it can travel: itself, or sealed. (Sealed for nothing where a text in it looks like such a key; that harms nobody.) */
export function seal<Value>(value: Value): Value | Sealed {
  const json = JSON.stringify(value) as string | undefined
  return json !== undefined && refusedKey.test(json) ? { json } : value
}

/** The value that was sealed, or is as it is. `Value` has no key `json` of its own. */
export function unseal<Value extends object>(value: Value | Sealed): Value {
  return 'json' in value ? (JSON.parse(value.json) as Value) : value
}
