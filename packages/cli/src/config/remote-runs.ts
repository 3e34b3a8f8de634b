import type { JournaledStep } from '@track-orchestrator/core/in-process'
import type { RunCosts, RunLimits } from '@track-orchestrator/core'
import type { TracksError } from '@track-orchestrator/registry'

type RemoteStatus = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled'

export interface RemoteTimes {
  readonly startedAt?: Date
  readonly finishedAt?: Date
}

/** How a run on Trigger.dev is. */
export interface RemoteState extends RemoteTimes {
  readonly id: string
  readonly name: string
  readonly status: RemoteStatus
  readonly createdAt: Date
  readonly output?: unknown
  readonly error?: TracksError
  readonly costs?: RunCosts
  readonly progress?: { readonly fraction: number; readonly note?: string; readonly step?: string; readonly track?: string }
}

export interface RemoteStep extends RemoteTimes, Pick<JournaledStep, 'path' | 'track' | 'step' | 'taskName' | 'nested' | 'attempts' | 'costs'> {
  readonly status: RemoteStatus
  readonly error?: TracksError
}

/** Which runs are meant. */
export interface RemoteQuery {
  readonly name?: string
  readonly status?: RemoteStatus
  readonly tenantId?: string
  readonly projectId?: string
  readonly since?: Date
}

/** Runs on Trigger.dev: what `createClient()` of `@track-orchestrator/trigger-engine/client` gives. */
export interface RemoteRuns {
  trigger(name: string, payload: any, options?: { readonly tags: string[]; readonly runKey?: string; readonly runKeyTtlMs?: number; readonly limits?: RunLimits }): Promise<{ readonly id: string }>
  retrieve(run: string): Promise<RemoteState>
  subscribe(run: string, options: { readonly signal: AbortSignal }): AsyncIterable<RemoteState>
  resume(run: string, options?: { readonly limits?: RunLimits }): Promise<{ readonly id: string }>
  fork(run: string, how: { readonly from?: string; readonly set?: Readonly<Record<string, unknown>> }): Promise<{ readonly id: string }>
  cancel(run: string): Promise<void>
  cancelAll(query: RemoteQuery, options?: { readonly signal?: AbortSignal }): Promise<readonly ({ readonly id: string } & ({ readonly became: 'cancelled' } | { readonly became: 'had_ended'; readonly status: string } | { readonly became: 'not_cancelled'; readonly error: TracksError }))[]>
  resumeAll(query: RemoteQuery, options?: { readonly limits?: RunLimits }): Promise<readonly ({ readonly id: string } & ({ readonly became: 'resumed'; readonly run: { readonly id: string } } | { readonly became: 'not_resumed'; readonly error: TracksError }))[]>
  list(query: RemoteQuery & { readonly limit?: number }): Promise<readonly (RemoteTimes & { readonly id: string; readonly name: string; readonly status: RemoteStatus; readonly createdAt: Date; readonly tags: readonly string[] })[]>
  steps(run: string): Promise<readonly RemoteStep[]>
}
