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
