import type { RunEvent } from '@track-orchestrator/core'
import type { Database } from './database.ts'

export type StoredEventRow = Database['public']['Tables']['track_run_events']['Row']

/** The event that a row was made from. What was clipped stays so, and `clipped` says it. */
export function eventFromRow(row: StoredEventRow): RunEvent {
  const { id, at, sequence, run_id, run_name, tenant_id, project_id, user_id, type, level, data } = row
  const { track, path, step, task_name, nested, attempt, duration_ms, input_size_bytes, output_size_bytes, message, error } = row
  const body = {
    ...(data as Record<string, unknown>),
    ...(type === 'log' && { level }),
    ...given({ track, path, step, nested, attempt, message, error }),
    ...given({ taskName: task_name, durationMs: duration_ms, inputSizeBytes: input_size_bytes, outputSizeBytes: output_size_bytes }),
  }
  const facts = { id, at: Date.parse(at), sequence, runId: run_id, runName: run_name, tenantId: tenant_id, projectId: project_id, ...given({ userId: user_id }) }
  return { ...facts, kept: true, type, ...body } as RunEvent
}

/** The entries that are not null. */
export function given<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as { [K in keyof T]?: NonNullable<T[K]> }
}
