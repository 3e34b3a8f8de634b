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
  waitpoint.waiting.add(run)
  if (isExecuting(run) && latestSnapshot(run).executionStatus !== 'EXECUTING_WITH_WAITPOINTS') {
    addSnapshot(engine, run, 'EXECUTING_WITH_WAITPOINTS', 'Run was blocked by a waitpoint.', { batchId: as.batchId })
  }
  if (waitpoint.completed) continueSoon(engine, run)
}
