import { continueSoon } from './complete-waitpoint.ts'
import type { Engine } from './engine.ts'
import { isExecuting, latestSnapshot, type Run } from './run.ts'
import { addSnapshot } from './snapshot.ts'
import type { Waitpoint } from './waitpoint.ts'

/**
 * Makes the run wait, until this and all else that it waits for has happened. Nobody looks for circles: two runs that wait
 * for each other do so for ever, as on the real engine.
 */
export function block(engine: Engine, run: Run, waitpoint: Waitpoint, as: { batchId?: string; index?: number } = {}): void {
  run.blockers.push({ waitpoint, batchId: as.batchId, index: as.index })
  waitpoint.waiting.add(run.friendlyId)
  // Over a cancellation, too, that the worker has not heard of: such a run is left without an end (seen on the real engine).
  const blocked = isExecuting(run) ? 'EXECUTING_WITH_WAITPOINTS' : 'SUSPENDED'
  if (latestSnapshot(run).executionStatus !== blocked) addSnapshot(engine, run, blocked, 'Run was blocked by a waitpoint.', { batchId: as.batchId })
  if (waitpoint.completed) continueSoon(engine, run)
}
