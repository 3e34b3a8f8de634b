import type { RunEvent } from '@track-orchestrator/core'
import { checkOptions, durationMs, madeBy, objectWith, signal as signalRule, text } from '@track-orchestrator/registry/options'
import type { Asking } from './ask.ts'
import { checkKey } from './check-query.ts'
import { followRun, uuid, type FollowOptions } from './follow-run.ts'
import type { HistoryClient, QueryClient, RunKey } from './history-client.ts'
import { listRuns, type RunPage, type RunQuery } from './list-runs.ts'
import { readEvents, readRunRow, readSteps } from './read-run.ts'
import { runFromRow, type RunRecord, type StepRecord } from './records.ts'
import type { RunChanges } from './run-changes.ts'

export interface RunWithSteps extends RunRecord {
  /** In the order in which they began. */
  readonly steps: readonly StepRecord[]
}

export interface ReadOptions {
  /** Ends the reading, also in the midst of a request, with a `CancelledError`. */
  readonly signal?: AbortSignal | undefined
}

export interface ReadEventsOptions extends ReadOptions {
  /** Only events behind the one of this id. */
  readonly afterId?: string | undefined
}

/**
 * Reads the run history with the rights of its client. Every method throws `ProviderError`, retryable while Supabase is away or does not answer in time;
 * and `ContractError` for a run or query that is none.
 */
export interface RunReader {
  /** A page of runs, newest first. */
  listRuns(query: RunQuery, options?: ReadOptions): Promise<RunPage>
  /** A run and where its steps stand; `undefined` where the client can see none of that id. */
  readRun(key: RunKey, options?: ReadOptions): Promise<RunWithSteps | undefined>
  /** All events of a run so far, in the order of their ids: as they happened, by the clocks of the machines where they did. */
  readEvents(key: RunKey, options?: ReadEventsOptions): AsyncIterable<RunEvent>
  /** The events of a run, those that are there and those to come, each once, until the run has ended. */
  followRun(key: RunKey, options?: FollowOptions): AsyncIterable<RunEvent>
}

export interface RunReaderOptions {
  /** Where news of runs comes from, such as `createRealtimeChanges(client)`. Without it, followers look every second. */
  readonly changes?: RunChanges | undefined
  /** Where the tables are. Default `public`, whatever the client's own schema is. */
  readonly schema?: string | undefined
  /** How long an answer may take, from 1 ms up. Default 10,000 ms. */
  readonly timeoutMs?: number | undefined
}

const readRules = { signal: signalRule }

/**
 * A reader of the run history. `client`: signed in as a user of the tenant, or, on a server, with the secret key, which sees every tenant.
 * Throws `DefinitionError` for a wrong option.
 */
export function createRunReader(client: QueryClient, options: RunReaderOptions = {}): RunReader {
  const { changes, schema = 'public', timeoutMs = 10_000 } = checkOptions('createRunReader', options, { changes: objectWith('subscribe'), schema: text(), timeoutMs: durationMs({ from: 1 }) })
  madeBy('createClient(url, key)', 'from', 'rpc', 'schema').check(client, 'createRunReader: client')
  const asking: Asking = { client: client as HistoryClient, schema, timeoutMs }
  return {
    listRuns: async (query, given) => listRuns({ ...asking, ...checkOptions('listRuns', given, readRules) }, query),
    readRun: async (key, given) => {
      checkKey('readRun', key)
      const whole = { ...asking, ...checkOptions('readRun', given, readRules) }
      const [run, steps] = await Promise.all([readRunRow(whole, key), readSteps(whole, key)])
      return run && { ...runFromRow(run), steps }
    },
    readEvents: (key, given) => {
      checkKey('readEvents', key)
      const { signal, afterId } = checkOptions('readEvents', given, { ...readRules, afterId: uuid })
      return readEvents({ ...asking, signal }, key, { afterId })
    },
    followRun: (key, given) => {
      checkKey('followRun', key)
      return followRun(asking, key, given, changes)
    },
  }
}
