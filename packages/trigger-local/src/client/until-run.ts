import { setTimeout as sleep } from 'node:timers/promises'

/** How often is looked, in milliseconds. */
const lookEveryMs = 50

/** Looks until there is something. Rejects after the time limit, with what `state` says of the last look. */
export async function untilRun<T>(look: () => Promise<T | undefined>, timeoutMs: number, state: () => string): Promise<T> {
  const lastLookAt = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > lastLookAt) throw new Error(`${state()} after ${timeoutMs} ms`)
    await sleep(lookEveryMs)
  }
}
