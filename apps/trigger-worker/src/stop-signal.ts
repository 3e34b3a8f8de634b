/** One Ctrl-C can arrive twice: from the terminal, and handed on by npm. */
const sameKeyMs = 1_000

/** Aborted by Ctrl-C or a polite kill. A second one, after a second, ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  let firstAt = 0
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) {
        if (performance.now() - firstAt > sameKeyMs) process.exit(130)
        return
      }
      firstAt = performance.now()
      console.error('\nStopping … (once more to leave at once)')
      controller.abort(new Error(signal))
    })
  }
  return controller.signal
}
