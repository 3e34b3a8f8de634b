import type { ErrorJson } from '@track-orchestrator/registry'
import type { Database } from '../database.ts'
import { given } from '../event-from-row.ts'

export type RunRow = Database['public']['Tables']['track_runs']['Row']
export type StepRow = Database['public']['Views']['track_run_steps']['Row']

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'cancelled'

/** A run as its events so far tell it. Times in milliseconds since 1970. */
export interface RunRecord {
  readonly runId: string
  readonly tenantId: string
  readonly projectId: string
  readonly userId?: string
  /** The track, orchestrator or task that was asked for. */
  readonly name: string
  readonly kind?: 'track' | 'orchestrator' | 'task'
  readonly status: RunStatus
  readonly startedAt: number
  readonly endedAt?: number
  readonly durationMs?: number
  readonly inputSizeBytes?: number
  readonly outputSizeBytes?: number
  readonly error?: ErrorJson
  /** How many events of the run have been stored. */
  readonly eventCount: number
  readonly lastEventAt: number
}

/** Where a step stands, after its retries. Times in milliseconds since 1970. */
export interface StepRecord {
  readonly path: string
  readonly track: string
  readonly step: string
  readonly taskName: string
  /** The call was made by a handler, below a step. */
  readonly nested: boolean
  readonly status: 'running' | 'succeeded' | 'failed' | 'skipped'
  readonly attempt?: number
  readonly startedAt: number
  readonly endedAt?: number
  readonly durationMs?: number
  readonly inputSizeBytes?: number
  readonly outputSizeBytes?: number
  readonly error?: ErrorJson
  /** It failed, and the track went on. */
  readonly handled: boolean
  /** How often it runs, for a `forEach`. */
  readonly itemCount?: number
  /** From 0 to 1, as the handler said last. */
  readonly progress?: number
}

export function runFromRow(row: RunRow): RunRecord {
  const { run_id, tenant_id, project_id, name, status, started_at, event_count, last_event_at } = row
  const { user_id, kind, ended_at, error } = row
  return {
    ...{ runId: run_id, tenantId: tenant_id, projectId: project_id, name, status: status as RunStatus },
    ...{ startedAt: Date.parse(started_at), eventCount: event_count, lastEventAt: Date.parse(last_event_at) },
    ...given({ userId: user_id, kind: kind as RunRecord['kind'] | null, endedAt: ended_at && Date.parse(ended_at), error: error as ErrorJson | null }),
    ...given(sizes(row)),
  } as RunRecord
}

export function stepFromRow(row: StepRow): StepRecord {
  const { path, track, step, task_name, nested, status, attempt, started_at, ended_at, error, handled, item_count, progress } = row
  return {
    ...{ path, track, step, taskName: task_name, nested: nested ?? false, status, handled, startedAt: Date.parse(started_at ?? '') },
    ...given({ attempt, endedAt: ended_at && Date.parse(ended_at), error, itemCount: item_count, progress }),
    ...given(sizes(row)),
  } as unknown as StepRecord
}

function sizes({ duration_ms, input_size_bytes, output_size_bytes }: RunRow | StepRow) {
  return { durationMs: duration_ms, inputSizeBytes: input_size_bytes, outputSizeBytes: output_size_bytes }
}
