import type { RunEvent } from '@track-orchestrator/core'
import { ProviderError, TimedOutError, TracksError } from '@track-orchestrator/registry'
import { checkOptions, durationMs, signal as signalRule, text } from '@track-orchestrator/registry/options'
import { wait } from '@track-orchestrator/registry/waiting'
import { eventFromRow } from '../event-from-row.ts'
import type { Asking } from './ask.ts'
import type { RunKey } from './history-client.ts'
import { readRunRow } from './read-run.ts'
import type { RunRow } from './records.ts'
import type { RunChanges } from './run-changes.ts'
import { SeenEvents } from './seen-events.ts'

export interface FollowOptions {
  /** Ends the following, without an error, also in the midst of a request. */
  readonly signal?: AbortSignal | undefined
  /** The id of the last event of an earlier following, to go on from there, with a fresh token perhaps: with what has a later id or was received later. An event of an earlier id that was received later may so come twice; none is missed. Default: from the beginning. */
  readonly afterId?: string | undefined
  /** How often to look, in milliseconds, from 1 up. Default 1,000; where changes are announced, 10,000. */
  readonly intervalMs?: number | undefined
  /** How long to wait for late events once the run has ended, in milliseconds. Default 2,000. */
  readonly lingerMs?: number | undefined
  /** How long events that are counted may be missing, or the run itself, as where a read replica lags, before they count as deleted. In milliseconds. Default 10,000. */
  readonly lagMs?: number | undefined
  /** How long nothing may be heard of the run, be it that it does not begin, says nothing, or that Supabase does not answer. In milliseconds. Default 86,400,000 (a day). */
  readonly silenceMs?: number | undefined
}

export const uuid = text({ pattern: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i, what: 'the id of an event' })
const rules = {
  ...{ signal: signalRule, afterId: uuid, intervalMs: durationMs({ from: 1 }), lingerMs: durationMs() },
  ...{ lagMs: durationMs(), silenceMs: durationMs({ from: 1 }) },
}

/**
 * The events of a run, those that are there and those to come, each once. In the order of their ids, but for one that arrives late: it comes when it arrives.
 * Ends when the run has ended, every event that was counted has come, and nothing more has for `lingerMs`. A run that is not there yet is waited for,
 * and so is a database that is away. Throws `DefinitionError` for a wrong option, at once; and, while following, what `ask` throws where waiting cannot
 * help, `ProviderError` where the run is deleted, and `TimedOutError` after `silenceMs`.
 *
 * A look costs one row while nothing is new: the count of the run's events, raised with each of them in one transaction, tells whether anything is missing.
 */
export function followRun(asking: Asking, key: RunKey, options: FollowOptions = {}, changes?: RunChanges): AsyncGenerator<RunEvent, void, undefined> {
  const { signal, afterId, intervalMs = changes ? 10_000 : 1_000, lingerMs = 2_000, lagMs = 10_000, silenceMs = 86_400_000 } = checkOptions('followRun', options, rules)
  return follow({ ...asking, signal }, key, { afterId, intervalMs, lingerMs, lagMs, silenceMs }, changes)
}

type Limits = Required<Pick<FollowOptions, 'afterId'>> & { readonly [Name in 'intervalMs' | 'lingerMs' | 'lagMs' | 'silenceMs']: number }

async function* follow(asking: Asking, key: RunKey, limits: Limits, changes: RunChanges | undefined): AsyncGenerator<RunEvent, void, undefined> {
  const { signal } = asking
  const { intervalMs, lingerMs, lagMs, silenceMs, afterId } = limits
  const seen = new SeenEvents(asking, key, afterId)
  /** When anything was heard of the run last; since when counted events, or the run itself, are missing. By `performance.now()`. */
  let heardAt = performance.now()
  let missingSince: number | undefined
  let goneSince: number | undefined
  let newest: RunRow | undefined
  let failure: TracksError | undefined
  let wake = new AbortController()
  const unsubscribe = changes?.subscribe(key, () => wake.abort())

  try {
    while (!signal?.aborted) {
      wake = new AbortController()
      let run: RunRow | undefined
      try {
        run = await readRunRow(asking, key)
        if (newest && !run) goneSince ??= performance.now()
        else goneSince = undefined
        // A replica that is behind shows the run as it was.
        if (newest && run && Date.parse(run.updated_at) < Date.parse(newest.updated_at)) run = undefined
        newest = run ?? newest
        if (run) {
          for await (const row of seen.unseenOf(run)) {
            yield eventFromRow(row)
            heardAt = performance.now() // not before: whoever reads may take its time over an event
          }
        }
        failure = undefined
      } catch (error) {
        if (signal?.aborted) return
        if (!TracksError.is(error) || !error.retryable) throw error
        failure = error
        run = undefined
      }
      const now = performance.now()
      if (goneSince !== undefined && now - goneSince >= lagMs) throw deleted(key)
      if (run) missingSince = seen.missingOf(run) > 0 ? (missingSince ?? now) : undefined
      // What is missing though the newest event has come is older: deleted, most likely, and not on its way.
      if (run && missingSince !== undefined && now - missingSince >= (seen.has(run.last_event_id) ? Math.min(lingerMs, lagMs) : lagMs)) {
        for await (const row of seen.searchAll(run)) yield eventFromRow(row)
        missingSince = undefined
      }
      const hasEnded = run !== undefined && run.status !== 'running' && missingSince === undefined
      if (hasEnded && now - heardAt >= lingerMs) return
      if (!hasEnded && now - heardAt >= silenceMs) throw failure ?? silent(key, silenceMs, newest !== undefined)
      const isWaiting = missingSince !== undefined || goneSince !== undefined
      await wait(Math.min(intervalMs, hasEnded ? lingerMs : silenceMs, isWaiting ? 1_000 : intervalMs), [wake.signal, signal])
    }
  } finally {
    unsubscribe?.()
  }
}

function deleted({ runId }: RunKey): ProviderError {
  return new ProviderError(`Run ${runId} was deleted while it was followed: what it still had is not known.`, { provider: 'Supabase', retryable: false })
}

function silent({ runId }: RunKey, silenceMs: number, isKnown: boolean): TimedOutError {
  const what = isKnown ? 'Nothing was heard of' : 'There was nothing to be seen of'
  return new TimedOutError(`${what} run ${runId} for ${silenceMs} ms. Follow it again, with afterId, to wait on.`)
}
