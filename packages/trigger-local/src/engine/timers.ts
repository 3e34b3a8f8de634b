/** The engine's clock work: everything that happens later, ended together when the server closes. */
export interface Timers {
  /** Runs `action` at the date, or at once if that has passed. */
  at(date: Date, action: () => void): void
  /** Runs `action` after the delay; of several with one name in that time, only the first. */
  soon(name: string, delayMs: number, action: () => void): void
  /** Forgets all that was to come. */
  clear(): void
}

/** The longest delay that Node's timers take; a later date waits in several steps. */
const longestDelayMs = 2 ** 31 - 1

/** Timers over Node's own. */
export function createTimers(): Timers {
  const running = new Set<NodeJS.Timeout>()
  const named = new Set<string>()

  const after = (delayMs: number, action: () => void): void => {
    const timer = setTimeout(() => {
      running.delete(timer)
      action()
    }, delayMs)
    running.add(timer)
  }
  const at = (date: Date, action: () => void): void => {
    const leftMs = date.getTime() - Date.now()
    if (leftMs > longestDelayMs) after(longestDelayMs, () => at(date, action))
    else after(Math.max(0, leftMs), action)
  }
  return {
    at,
    soon(name, delayMs, action) {
      if (named.has(name)) return
      named.add(name)
      after(delayMs, () => {
        named.delete(name)
        action()
      })
    },
    clear() {
      for (const timer of running) clearTimeout(timer)
      running.clear()
      named.clear()
    },
  }
}
