import type { TaskRunExecutionStatus } from '@trigger.dev/core/v3'
import type { ServerVersion } from './server-version.ts'

/** How many items of batches may be asked for: so many at once, and so many more after each interval. */
export interface BatchTokens {
  readonly max: number
  readonly refill: number
  readonly intervalMs: number
}

/** What a server has unless it is told otherwise, and the cloud's free plan. */
export const defaultBatchTokens: BatchTokens = { max: 1_200, refill: 100, intervalMs: 10_000 }

/** How long a run may stay in a state without a sign of life from its worker, in milliseconds. */
export type StallTimes = Readonly<Partial<Record<TaskRunExecutionStatus, number>>>

/** A real server's, unless it is told otherwise. */
export const defaultStallTimes: StallTimes = {
  PENDING_EXECUTING: 60_000, PENDING_CANCEL: 60_000, EXECUTING: 300_000, EXECUTING_WITH_WAITPOINTS: 300_000, SUSPENDED: 600_000,
}

/** What a server may be told of how it is to behave. */
export interface EngineRules {
  /** How many runs the environment works on at once, waiting ones included. */
  readonly maxConcurrentRuns: number
  /** Which server's way with errors and limits it has. */
  version: ServerVersion
  /** How long it takes over each item of a batch, in milliseconds: the runs of a batch come one after the other. */
  readonly batchItemMs: number
  readonly batchTokens: BatchTokens
  readonly stallTimes: StallTimes
}
