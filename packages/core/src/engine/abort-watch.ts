/** One listener for each signal, however many calls hang on it: adding one to the signal itself for each call is dear. */
const watchers = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `onAbort` once when the signal is aborted; at once if it is already. Returns what ends the watch. */
export function watchAbort(signal: AbortSignal, onAbort: () => void): () => void {
  if (signal.aborted) {
    onAbort()
    return () => {}
  }
  let set = watchers.get(signal)
  if (!set) {
    const made = new Set<() => void>()
    watchers.set(signal, (set = made))
    signal.addEventListener('abort', () => made.forEach((watcher) => watcher()), { once: true })
  }
  set.add(onAbort)
  return () => set.delete(onAbort)
}
