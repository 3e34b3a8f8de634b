import type { TaskRunError, TaskRunStatus } from '@trigger.dev/core/v3'
import { completeBatchSoon } from './create-batch.ts'
import { clearBlockers, completeWaitpoint } from './complete-waitpoint.ts'
import { announce, type Engine } from './engine.ts'
import type { Run } from './run.ts'
import { addSnapshot } from './snapshot.ts'

/** How a run ended. */
export type Ending =
  | { readonly status: 'COMPLETED_SUCCESSFULLY'; readonly output: string | undefined; readonly outputType: string }
  | { readonly status: Exclude<TaskRunStatus, 'COMPLETED_SUCCESSFULLY'>; readonly error: TaskRunError }

/** Ends the run: whoever waits for it learns the outcome, and so does the batch that made it. */
export function finishRun(engine: Engine, run: Run, ending: Ending): void {
  clearBlockers(run)
  run.status = ending.status
  run.completedAt = new Date()
  if (ending.status === 'COMPLETED_SUCCESSFULLY') {
    run.output = ending.output
    run.outputType = ending.outputType
  } else run.error = engine.version.keep(ending.error)
  addSnapshot(engine, run, 'FINISHED', `Run ended: ${ending.status}`)
  announce(engine, { type: 'run.completed', id: run.friendlyId, task: run.task, status: run.status, attempt: run.attemptNumber })
  completeWaitpoint(engine, run.waitpoint, ending.status === 'COMPLETED_SUCCESSFULLY'
    ? { output: ending.output, outputType: ending.outputType }
    : { output: JSON.stringify(run.error), outputIsError: true })
  for (const batch of engine.batches.values()) {
    if (batch.id === run.batchId) completeBatchSoon(engine, batch)
  }
}
