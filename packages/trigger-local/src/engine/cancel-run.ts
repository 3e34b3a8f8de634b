import type { Engine } from './engine.ts'
import { finishRun } from './finish-run.ts'
import { isExecuting, latestSnapshot, type Run } from './run.ts'
import { addSnapshot } from './snapshot.ts'

/**
 * Cancels the run. One that a process works on is told so, keeps its key, gives its slot back at once, and ends when that
 * process has stopped; any other ends here and now. The runs that it made are cancelled as it ends, and so on down.
 */
export function cancelRun(engine: Engine, run: Run, reason = 'Canceled by user'): void {
  const { executionStatus } = latestSnapshot(run)
  if (executionStatus === 'FINISHED' || executionStatus === 'PENDING_CANCEL') return
  run.status = 'CANCELED'
  run.error = { type: 'STRING_ERROR', raw: reason }
  if (isExecuting(run) || executionStatus === 'PENDING_EXECUTING') addSnapshot(engine, run, 'PENDING_CANCEL', 'Run was cancelled')
  else finalizeCancel(engine, run, reason)
}

/** Ends a run that is being cancelled, since no process works on it any more. */
export function finalizeCancel(engine: Engine, run: Run, reason = reasonOf(run)): void {
  if (latestSnapshot(run).executionStatus === 'FINISHED') return
  finishRun(engine, run, { status: 'CANCELED', error: { type: 'STRING_ERROR', raw: reason } })
  for (const child of run.children) cancelRun(engine, child, reason)
}

function reasonOf({ error }: Run): string {
  return error?.type === 'STRING_ERROR' ? error.raw : 'Canceled by user'
}
