import type { Costs, ErrorJson } from '@track-orchestrator/registry'
import type { ForkOf } from '../run/plan-fork.ts'
import type { JournalRecord } from './record.ts'
import type { RecordHeads } from './record-heads.ts'
import type { RecordedCalls, RenamedPlaces } from './recorded-calls.ts'

/** What was asked for when the run began. */
export interface JournaledRun {
  readonly runId: string
  readonly kind: 'track' | 'orchestrator' | 'task'
  readonly name: string
  readonly tenantId: string
  readonly projectId: string
  /** Milliseconds since 1970 (UTC). */
  readonly startedAt: number
  /** `open`: it runs, or its process ended before it did. */
  readonly status: 'open' | 'succeeded' | 'failed' | 'cancelled'
  readonly endedAt?: number
  readonly error?: ErrorJson
  /** All that it has paid, as handlers reported it. Absent where nothing was. */
  readonly costs?: Costs
  /** The run that it was forked from. */
  readonly forkOf?: string
}

/** What a journal keeps of one run. */
export interface JournaledRunDetails extends JournaledRun {
  readonly payload: unknown
  readonly fork?: ForkOf
  readonly records: readonly JournalRecord[]
}

/** The same, of each record no more than its head. */
export interface JournaledCalls extends Omit<JournaledRunDetails, 'records'> {
  readonly heads: RecordHeads
}

/** A run that begins. */
export interface BegunRun extends Pick<JournaledRun, 'runId' | 'kind' | 'name'> {
  readonly payload: unknown
  readonly fork?: ForkOf | undefined
  /** Of the run that it is forked from, the finished calls that are taken over, by their paths. */
  readonly takesOver?: ((path: string) => boolean) | undefined
}

/** How a run is gone on with. */
export interface Reopening {
  /** Places of an earlier definition, and what they are called now; `null`: they are let go. */
  readonly map?: RenamedPlaces | undefined
  /** Paths of places whose calls run again, whatever finished. */
  readonly forced?: readonly string[] | undefined
  /** What was read of it a moment ago, and the calls in it, with `map` applied: it is read anew only where more was written since. */
  readonly known?: { readonly run: JournaledCalls; readonly recorded: RecordedCalls } | undefined
}
