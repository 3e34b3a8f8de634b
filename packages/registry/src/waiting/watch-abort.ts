/** What waits for each signal. One listener serves all: many on one signal are slow to add, and Node warns of the eleventh. */
const watchers = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls `onAbort` once when the signal is aborted; at once if it is already. Returns what ends the watch.
 * However many watch a signal, it has one listener: use this instead of `signal.addEventListener('abort', …)`.
 */
export function watchAbort(signal: AbortSignal, onAbort: () => void): () => void {
  if (signal.aborted) {
    onAbort()
    return () => {}
  }
  const set = watchers.get(signal) ?? listen(signal)
  const watcher = () => onAbort() // a function of its own, for the same one may watch twice
  set.add(watcher)
  return () => set.delete(watcher)
}

function listen(signal: AbortSignal): Set<() => void> {
  const set = new Set<() => void>()
  watchers.set(signal, set)
  const tellAll = () => {
    for (const watcher of set) tell(watcher)
    set.clear()
  }
  signal.addEventListener('abort', tellAll, { once: true })
  return set
}

/** What one watcher throws keeps no other from being told. It is an uncaught exception, as in any listener. */
function tell(watcher: () => void): void {
  try {
    watcher()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
