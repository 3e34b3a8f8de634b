import type { TaskRunExecutionStatus, TaskRunStatus } from '@trigger.dev/core/v3'

/** Something that happened, in the order in which it did. */
export interface EngineEvent {
  readonly at: Date
  readonly type:
    | 'worker.registered' | 'worker.disconnected' | 'batch.created' | 'batch.sealed' | 'batch.completed' | 'waitpoint.completed'
    | 'run.created' | 'run.joined' | 'run.snapshot' | 'run.completed'
  /** The run, batch or waitpoint that it happened to. */
  readonly id?: string
  readonly task?: string
  readonly version?: string
  readonly attempt?: number
  readonly executionStatus?: TaskRunExecutionStatus
  readonly status?: TaskRunStatus
}
