import { dateFrom } from './duration.ts'
import type { Engine } from './engine.ts'
import { finishRun } from './finish-run.ts'
import { isFinal, latestSnapshot, type Run } from './run.ts'
import { addSnapshot } from './snapshot.ts'

/** Puts a new run into its queue, when its delay is over. */
export function enqueue(engine: Engine, run: Run, description: string): void {
  const { delayUntil } = run
  if (!delayUntil || delayUntil.getTime() <= Date.now()) {
    run.status = 'PENDING'
    addSnapshot(engine, run, 'QUEUED', description)
    beginTtl(engine, run)
    return
  }
  addSnapshot(engine, run, 'DELAYED', 'Run is delayed')
  queueAfterDelay(engine, run)
}

/** Queues a delayed run when its delay is over. */
export function queueAfterDelay(engine: Engine, run: Run): void {
  if (!run.delayUntil) return
  engine.timers.at(run.delayUntil, () => {
    if (isFinal(run)) return
    run.queuedAtMs = Date.now()
    run.status = 'PENDING'
    addSnapshot(engine, run, 'QUEUED', 'Run was QUEUED, after a delay')
    beginTtl(engine, run)
  })
}

/** Puts a run whose attempt failed back into its queue, until the date comes. */
export function requeue(engine: Engine, run: Run, retryAt: Date): void {
  run.queuedAtMs = retryAt.getTime()
  run.status = 'PENDING'
  addSnapshot(engine, run, 'QUEUED', 'Requeued the run after a failure')
}

/** The time to live counts from when the run is queued: from the end of its delay, if it has one. */
function beginTtl(engine: Engine, run: Run): void {
  run.expiresAt = dateFrom(run.ttl, 'ttl')
  expireAfterTtl(engine, run)
}

/** Lets the run expire if no attempt of it has begun within its time to live. */
export function expireAfterTtl(engine: Engine, run: Run): void {
  if (!run.expiresAt) return
  engine.timers.at(run.expiresAt, () => {
    if (isFinal(run) || run.attemptNumber > 0 || latestSnapshot(run).executionStatus !== 'QUEUED') return
    run.expiredAt = new Date()
    finishRun(engine, run, { status: 'EXPIRED', error: { type: 'STRING_ERROR', raw: `Run expired because the TTL (${run.ttl}) was reached` } })
  })
}
