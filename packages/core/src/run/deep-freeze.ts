/** Freezes a value of the run's own as deep as it goes, and returns it. A loop, for values may be nested deep. */
export function deepFreeze<Value>(value: Value): Value {
  const pending: unknown[] = [value]
  while (pending.length > 0) {
    const next = pending.pop()
    if (typeof next !== 'object' || next === null) continue
    Object.freeze(next)
    if (Array.isArray(next)) {
      for (const inner of Object.values(next)) if (typeof inner === 'object' && inner !== null) pending.push(inner)
    } else {
      // The quickest way through an object; what it inherits is not its own.
      for (const key in next) {
        const inner = (next as Record<string, unknown>)[key]
        if (typeof inner === 'object' && inner !== null && Object.hasOwn(next, key)) pending.push(inner)
      }
    }
  }
  return value
}
