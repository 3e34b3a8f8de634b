import type { RunCosts } from '@track-orchestrator/core'
import { TerminalError, type TaskEnvelope, type TracksError } from '@track-orchestrator/registry'
import { readCarried } from '../crossing/carried.ts'
import type { PayloadStore } from '../crossing/claim-check.ts'
import { openOutput } from '../crossing/open-output.ts'
import { errorOfRun } from '../crossing/trigger-error.ts'

/** A run as Trigger.dev's SDK tells of it: what `runs.retrieve`, `runs.poll` and `runs.subscribeToRun` give. */
export interface TriggerRun {
  readonly id: string
  readonly taskIdentifier: string
  readonly status: string
  /** What the SDK makes of the status: it tells of one that is newer than this package. */
  readonly isCompleted?: boolean | undefined
  readonly isSuccess?: boolean | undefined
  readonly payload?: unknown
  readonly output?: unknown
  readonly error?: { readonly name?: string | undefined; readonly message?: string | undefined; readonly stackTrace?: string | undefined } | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly createdAt: Date
  readonly startedAt?: Date | undefined
  readonly finishedAt?: Date | undefined
}

interface RunFacts {
  readonly id: string
  /** Of the track, orchestrator or task. */
  readonly name: string
  /** Trigger.dev's own word for it, such as `EXPIRED` or `SYSTEM_FAILURE`, which are both `failed`. */
  readonly triggerStatus: string
  readonly createdAt: Date
  readonly startedAt?: Date
  /** What it has cost, once it has ended. Absent where nothing was paid or reused. */
  readonly costs?: RunCosts
}

/** How far a run is. `fraction`: from 0 to 1. */
export interface RunProgress {
  readonly fraction: number
  readonly note?: string
  readonly step?: string
  readonly track?: string
  readonly tracks?: number
  readonly tracksEnded?: number
}

export type RunState<Output = unknown> =
  | (RunFacts & { readonly status: 'queued' | 'running' | 'waiting'; readonly progress?: RunProgress })
  | (RunFacts & { readonly status: 'succeeded'; readonly output: Output; readonly finishedAt: Date })
  /** The error as it was thrown, with code, place and issues. */
  | (RunFacts & { readonly status: 'failed' | 'cancelled'; readonly error: TracksError; readonly finishedAt: Date })

/** https://trigger.dev/docs/runs, "Understanding the run lifecycle"; what a later server adds counts as running until the SDK says that it is an end. */
const statuses: Readonly<Record<string, RunState['status']>> = {
  PENDING_VERSION: 'queued',
  DELAYED: 'queued',
  QUEUED: 'queued',
  DEQUEUED: 'queued',
  EXECUTING: 'running',
  WAITING: 'waiting',
  COMPLETED: 'succeeded',
  CANCELED: 'cancelled',
  FAILED: 'failed',
  CRASHED: 'failed',
  SYSTEM_FAILURE: 'failed',
  TIMED_OUT: 'failed',
  EXPIRED: 'failed',
}

/** The statuses of Trigger.dev that mean this one. */
export const triggerStatusesOf = (status: RunState['status']): string[] => Object.keys(statuses).filter((name) => statuses[name] === status)

export function statusOf({ status, isCompleted, isSuccess }: Pick<TriggerRun, 'status' | 'isCompleted' | 'isSuccess'>): RunState['status'] {
  if (Object.hasOwn(statuses, status)) return statuses[status]!
  if (isCompleted !== true) return 'running'
  return isSuccess === true ? 'succeeded' : 'failed'
}

/** What a part of a run answers is meant for that run: a track there completes also where it has failed. */
export function refusePart({ id, metadata }: TriggerRun): void {
  const { call, track } = readCarried(metadata)
  const root = (call ?? track)?.runId
  if (root !== undefined) throw new TerminalError(`${id} is a part of ${root}: ask for that run.`, { code: 'client/other_run' })
}

/** Throws `client/other_run` for a part of another run. Reads the output from the store where it lies there; of a single task, the results in its envelope. */
export async function stateOf<Output>(run: TriggerRun, store: PayloadStore | undefined): Promise<RunState<Output>> {
  const { id, taskIdentifier: name, createdAt, startedAt } = run
  refusePart(run)
  const status = statusOf(run)
  const costs = run.metadata?.['costs'] as RunCosts | undefined
  const facts = { id, name, triggerStatus: run.status, createdAt, ...(startedAt && { startedAt }), ...(costs && { costs }) }
  const finishedAt = run.finishedAt ?? new Date()
  if (status === 'succeeded') return { ...facts, status, output: resultsOf(name, await openOutput(run, store)) as Output, finishedAt }
  if (status === 'failed' || status === 'cancelled') return { ...facts, status, error: errorOfRun(run), finishedAt }
  const progress = run.metadata?.['progress'] as RunProgress | undefined
  return { ...facts, status, ...(progress && { progress }) }
}

function resultsOf(name: string, output: unknown): unknown {
  const { job, results } = (typeof output === 'object' && output !== null ? output : {}) as Partial<TaskEnvelope>
  return job?.taskName === name && job.success ? results : output
}
