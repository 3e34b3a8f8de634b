import { failAttempt } from './attempt.ts'
import { finalizeCancel } from './cancel-run.ts'
import { continueSoon } from './complete-waitpoint.ts'
import type { Engine } from './engine.ts'
import { latestSnapshot, type Run, type Snapshot } from './run.ts'
import { addSnapshot } from './snapshot.ts'

/** Looks after every run from now on: one that stands still for too long in one state is put back, continued or ended. */
export function startWatchdog(engine: Engine): void {
  engine.listeners.add(({ type, id }) => {
    const run = type === 'run.snapshot' && id !== undefined ? engine.runs.get(id) : undefined
    if (run) watch(engine, run, latestSnapshot(run))
  })
}

function watch(engine: Engine, run: Run, snapshot: Snapshot): void {
  const stallMs = engine.stallTimes[snapshot.executionStatus]
  if (stallMs === undefined) return
  const look = (afterMs: number) => engine.timers.after(afterMs, () => {
    if (latestSnapshot(run) !== snapshot) return
    const silentMs = Date.now() - Math.max(snapshot.createdAt.getTime(), run.heartbeatAt?.getTime() ?? 0)
    if (silentMs < stallMs) look(stallMs - silentMs)
    else handleStall(engine, run, stallMs)
  })
  look(stallMs)
}

function handleStall(engine: Engine, run: Run, stallMs: number): void {
  const { executionStatus } = latestSnapshot(run)
  if (executionStatus === 'PENDING_EXECUTING') {
    // Its worker never began the attempt.
    run.status = 'PENDING'
    run.queuedAtMs = Date.now()
    addSnapshot(engine, run, 'QUEUED', 'Requeued the run: its worker did not begin it')
  } else if (executionStatus === 'PENDING_CANCEL') finalizeCancel(engine, run)
  else if (executionStatus === 'SUSPENDED') continueSoon(engine, run)
  else {
    const code = executionStatus === 'EXECUTING' ? 'TASK_RUN_STALLED_EXECUTING' : 'TASK_RUN_STALLED_EXECUTING_WITH_WAITPOINTS'
    const message = `Run timed out after ${stallMs / 1_000}s due to missing heartbeats (sent every 30s). Check if your \`trigger.dev dev\` CLI is still running, or if CPU-heavy work is blocking the main thread.`
    failAttempt(engine, run, { ok: false, id: run.friendlyId, error: { type: 'INTERNAL_ERROR', code, message } })
  }
}
