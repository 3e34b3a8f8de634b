import type { RunEvent } from '@track-orchestrator/core'
import { followRun, type FollowOptions } from './follow-run.ts'
import type { HistoryClient, QueryClient, RunKey } from './history-client.ts'
import { listRuns, type RunPage, type RunQuery } from './list-runs.ts'
import { readEvents, readRun, readSteps } from './read-run.ts'
import type { RunRecord, StepRecord } from './records.ts'
import type { RunChanges } from './run-changes.ts'

export interface RunWithSteps extends RunRecord {
  /** In the order in which they began. */
  readonly steps: readonly StepRecord[]
}

/** Reads the run history with the rights of its client. Every method throws `ProviderError`, retryable while Supabase is away. */
export interface RunReader {
  /** A page of runs, newest first. Throws `ContractError` for a limit or cursor that is none. */
  listRuns(query: RunQuery): Promise<RunPage>
  /** A run and where its steps stand; `undefined` where the client can see none of that id. */
  readRun(key: RunKey): Promise<RunWithSteps | undefined>
  /** All events of a run so far, in the order in which they happened. */
  readEvents(key: RunKey): AsyncIterable<RunEvent>
  /** The events of a run, those that are there and those to come, each once, until the run has ended. */
  followRun(key: RunKey, options?: FollowOptions): AsyncIterable<RunEvent>
}

export interface RunReaderOptions {
  /** Where news of runs comes from, such as `createRealtimeChanges(client)`. Without it, followers look every second. */
  readonly changes?: RunChanges
}

/** A reader of the run history. `client`: signed in as a user of the tenant, or, on a server, with the service-role key, which sees every tenant. */
export function createRunReader(client: QueryClient, { changes }: RunReaderOptions = {}): RunReader {
  const history = client as HistoryClient
  return {
    listRuns: (query) => listRuns(history, query),
    readRun: async (key) => {
      const [run, steps] = await Promise.all([readRun(history, key), readSteps(history, key)])
      return run && { ...run, steps }
    },
    readEvents: (key) => readEvents(history, key),
    followRun: (key, options) => followRun(history, key, options, changes),
  }
}
