import type { RunEvent } from '@track-orchestrator/core'
import type { ErrorJson } from '@track-orchestrator/registry'

/** What a history is read with: `createRunReader` of `@track-orchestrator/supabase-logger` makes one. */
export interface HistoryReader {
  listRuns(query: { readonly tenantId: string; readonly status?: 'running' | 'succeeded' | 'failed' | 'cancelled'; readonly name?: string; readonly limit?: number; readonly after?: string }): Promise<{ readonly runs: readonly HistoryRun[]; readonly next?: string }>
  readEvents(key: { readonly tenantId: string; readonly runId: string }): AsyncIterable<RunEvent>
  followRun(key: { readonly tenantId: string; readonly runId: string }, options: { readonly signal: AbortSignal; readonly afterId?: string }): AsyncIterable<RunEvent>
}

export interface HistoryRun {
  readonly runId: string
  readonly tenantId: string
  readonly projectId: string
  readonly name: string
  readonly kind?: 'track' | 'orchestrator' | 'task'
  readonly status: 'running' | 'succeeded' | 'failed' | 'cancelled'
  readonly startedAt: number
  readonly endedAt?: number
  readonly error?: ErrorJson
}
