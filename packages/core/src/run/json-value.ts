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
