import type {
  MachinePreset, RetryOptions, TaskRunError, TaskRunExecutionStatus, TaskRunStatus,
} from '@trigger.dev/core/v3'
import type { BackgroundWorker } from './background-worker.ts'
import type { TriggerOptions } from './trigger-request.ts'
import type { Blocker, Waitpoint } from './waitpoint.ts'

/** One run of one task, with all its attempts. */
export interface Run {
  /** The id without its prefix, as workers know it. */
  readonly id: string
  /** The id with its prefix (`run_…`), as callers know it. */
  readonly friendlyId: string
  readonly task: string
  readonly payload: string
  readonly payloadType: string
  readonly options: TriggerOptions
  readonly parent: Run | undefined
  readonly root: Run | undefined
  readonly children: Run[]
  /** The batch that made it, if one did. */
  readonly batchId: string | undefined
  readonly queueName: string
  readonly traceparent: string
  /** Completed when the run ends. Whoever waits for the run waits for this. */
  readonly waitpoint: Waitpoint
  readonly createdAt: Date
  readonly ttl: string | undefined
  /** When its time to live ends, unless an attempt has begun. */
  expiresAt: Date | undefined
  delayUntil: Date | undefined
  /** Its place in the queue: the earlier the sooner, in milliseconds since 1970. */
  queuedAtMs: number
  status: TaskRunStatus
  /** 0 until the first attempt starts. */
  attemptNumber: number
  /** Every state of its execution, the latest last. */
  readonly snapshots: Snapshot[]
  /** What it waits for now. */
  blockers: Blocker[]
  tags: string[]
  metadata: Record<string, unknown>
  updatedAt: Date
  startedAt: Date | undefined
  completedAt: Date | undefined
  expiredAt: Date | undefined
  /** Known from the first time that a worker takes it. */
  lockedTo: { worker: BackgroundWorker; retry: RetryOptions | undefined; maxAttempts: number | undefined; machine: MachinePreset } | undefined
  output: string | undefined
  outputType: string | undefined
  error: TaskRunError | undefined
  /** How long its attempts took so far, as the worker measured. */
  durationMs: number
  /** When its worker last said that it is alive. */
  heartbeatAt: Date | undefined
}

/** One state of a run's execution. */
export interface Snapshot {
  readonly id: string
  readonly friendlyId: string
  readonly executionStatus: TaskRunExecutionStatus
  readonly description: string
  readonly createdAt: Date
  readonly attemptNumber: number
  /** Set if the run waits, or waited, for this batch. */
  readonly batchId: string | undefined
  /** What ended the wait before this state. */
  readonly completedWaitpoints: readonly Blocker[]
}

const finalStatuses: ReadonlySet<TaskRunStatus> = new Set<TaskRunStatus>([
  'CANCELED', 'INTERRUPTED', 'COMPLETED_SUCCESSFULLY', 'COMPLETED_WITH_ERRORS', 'SYSTEM_FAILURE', 'CRASHED', 'EXPIRED', 'TIMED_OUT',
])

/** Whether the run's outcome stands. A cancelled run has its outcome before its process has stopped. */
export function isFinal(run: Run): boolean {
  return finalStatuses.has(run.status)
}

/** The state that the run's execution is in. */
export function latestSnapshot(run: Run): Snapshot {
  return run.snapshots.at(-1)!
}

/** Whether a process works on the run, or waits in it. */
export function isExecuting(run: Run): boolean {
  const { executionStatus } = latestSnapshot(run)
  return executionStatus === 'EXECUTING' || executionStatus === 'EXECUTING_WITH_WAITPOINTS'
}
