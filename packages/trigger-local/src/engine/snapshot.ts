import type { TaskRunExecutionStatus } from '@trigger.dev/core/v3'
import { SnapshotId } from '@trigger.dev/core/v3/isomorphic'
import { announce, type Engine } from './engine.ts'
import type { Run, Snapshot } from './run.ts'

/** Puts the run's execution into a state. Whoever works on it hears of that through the event. */
export function addSnapshot(
  engine: Engine,
  run: Run,
  executionStatus: TaskRunExecutionStatus,
  description: string,
  { batchId, completedWaitpoints = [] }: Partial<Pick<Snapshot, 'batchId' | 'completedWaitpoints'>> = {},
): Snapshot {
  const snapshot: Snapshot = {
    ...SnapshotId.generate(), executionStatus, description, createdAt: new Date(), attemptNumber: run.attemptNumber, batchId, completedWaitpoints,
  }
  run.snapshots.push(snapshot)
  run.updatedAt = snapshot.createdAt
  announce(engine, { type: 'run.snapshot', id: run.friendlyId, task: run.task, executionStatus, attempt: run.attemptNumber })
  return snapshot
}
