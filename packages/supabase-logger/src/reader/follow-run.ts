import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEvent } from '@track-orchestrator/core'
import { TracksError } from '@track-orchestrator/registry'
import type { HistoryClient, RunKey } from './history-client.ts'
import { readEvents, readRun } from './read-run.ts'
import type { RunChanges } from './run-changes.ts'

export interface FollowOptions {
  /** Ends the following, without an error. */
  readonly signal?: AbortSignal
  /** How often to look, in milliseconds. Default 1,000; where changes are announced, 10,000. */
  readonly intervalMs?: number
  /** How long to wait for late events once the run has ended, in milliseconds. Default 2,000. */
  readonly lingerMs?: number
}

/**
 * The events of a run, those that are there and those to come, each once. In the order in which they happened, but for one that arrives late: it comes when it arrives.
 * Ends when the run has ended and nothing more has come for `lingerMs`. A run that is not there yet is waited for, and so is a database that is away.
 *
 * A look costs one row: the count of the run's events, raised with each of them in one transaction, tells whether anything is new, and whether anything was missed.
 */
export async function* followRun(client: HistoryClient, key: RunKey, options: FollowOptions = {}, changes?: RunChanges): AsyncGenerator<RunEvent, void, undefined> {
  const { signal, intervalMs = changes ? 10_000 : 1000, lingerMs = 2000 } = options
  const seen = new Set<string>()
  let newest: string | undefined
  let counted = 0
  let quietSince = Date.now()
  let wake = new AbortController()
  const unsubscribe = changes?.subscribe(key, () => wake.abort())

  async function* unseen(afterId?: string) {
    for await (const event of readEvents(client, key, afterId)) {
      if (seen.has(event.id)) continue
      seen.add(event.id)
      if (newest === undefined || event.id > newest) newest = event.id
      yield event
    }
  }

  try {
    while (!signal?.aborted) {
      wake = new AbortController()
      let hasEnded = false
      try {
        const run = await readRun(client, key)
        if (run && run.eventCount > counted) {
          yield* unseen(newest)
          // Some are older than the newest one that we knew.
          if (seen.size < run.eventCount) yield* unseen()
          counted = run.eventCount
          quietSince = Date.now()
        }
        hasEnded = run !== undefined && run.status !== 'running'
      } catch (error) {
        if (!TracksError.is(error) || !error.retryable) throw error
        quietSince = Date.now()
      }
      if (hasEnded && Date.now() - quietSince >= lingerMs) return
      await pause(hasEnded ? Math.min(intervalMs, lingerMs) : intervalMs, [wake.signal, signal])
    }
  } finally {
    unsubscribe?.()
  }
}

/** Waits for that long, or until one of the signals is given. */
async function pause(ms: number, signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  const present = signals.filter((signal) => signal !== undefined)
  if (present.some(({ aborted }) => aborted)) return
  const done = new AbortController()
  const { signal } = done
  const woken = present.map((source) => once(source, 'abort', { signal }))
  await Promise.race([sleep(ms, undefined, { signal }), ...woken].map((promise) => promise.catch(() => {})))
  done.abort()
}
