/** The engine's clock work: everything that happens later, ended together when the server closes. */
export interface Timers {
  /** Runs `action` at the date, or at once if that has passed. Comes nearer when time is moved on. */
  at(date: Date, action: () => void): void
  /** Runs `action` after the delay, whatever is done to time: for what processes outside of the engine have to do with. */
  after(delayMs: number, action: () => void): void
  /** As `after`; of several with one name in that time, only the first. */
  soon(name: string, delayMs: number, action: () => void): void
  /** Brings every date that is waited for nearer by so much. Those that are then past come at once, the earliest first. */
  advance(durationMs: number): void
  /** Forgets all that was to come. */
  clear(): void
}

/** The longest delay that Node's timers take; a later date waits in several steps. */
const longestDelayMs = 2 ** 31 - 1

interface Entry { dueMs: number; readonly action: () => void; handle: NodeJS.Timeout | undefined }

/** Timers over Node's own. */
export function createTimers(): Timers {
  const dated = new Set<Entry>()
  const running = new Set<NodeJS.Timeout>()
  const named = new Set<string>()

  const arm = (entry: Entry): void => {
    const leftMs = entry.dueMs - Date.now()
    entry.handle = setTimeout(() => {
      if (leftMs > longestDelayMs) return arm(entry)
      dated.delete(entry)
      entry.action()
    }, Math.min(Math.max(0, leftMs), longestDelayMs))
  }
  const after = (delayMs: number, action: () => void): void => {
    const timer = setTimeout(() => {
      running.delete(timer)
      action()
    }, Math.min(delayMs, longestDelayMs))
    running.add(timer)
  }
  return {
    after,
    at(date, action) {
      const entry: Entry = { dueMs: date.getTime(), action, handle: undefined }
      dated.add(entry)
      arm(entry)
    },
    soon(name, delayMs, action) {
      if (named.has(name)) return
      named.add(name)
      after(delayMs, () => {
        named.delete(name)
        action()
      })
    },
    advance(durationMs) {
      for (const entry of dated) {
        clearTimeout(entry.handle)
        entry.dueMs -= durationMs
      }
      for (const entry of [...dated].toSorted((a, b) => a.dueMs - b.dueMs)) arm(entry)
    },
    clear() {
      for (const { handle } of dated) clearTimeout(handle)
      for (const timer of running) clearTimeout(timer)
      dated.clear()
      running.clear()
      named.clear()
    },
  }
}
