/** A promise that nobody waits for must not end the process when it rejects. Answers whether it is one, or anything else with a `then`. */
export function isIgnoredPromise(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('then' in value) || typeof value.then !== 'function') return false
  Promise.resolve(value).catch(() => {})
  return true
}
