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
    return
  }
  addSnapshot(engine, run, 'DELAYED', 'Run is delayed')
  engine.timers.at(delayUntil, () => {
    if (isFinal(run)) return
    run.queuedAtMs = Date.now()
    run.status = 'PENDING'
    addSnapshot(engine, run, 'QUEUED', 'Run was QUEUED, after a delay')
  })
}

/** Puts a run whose attempt failed back into its queue, until the date comes. */
export function requeue(engine: Engine, run: Run, retryAt: Date): void {
  run.queuedAtMs = retryAt.getTime()
  run.status = 'PENDING'
  addSnapshot(engine, run, 'QUEUED', 'Requeued the run after a failure')
}

/** Lets the run expire if no attempt of it has begun within its time to live, counted from the end of its delay. */
export function expireAfterTtl(engine: Engine, run: Run): void {
  const lifetimeEnd = dateFrom(run.ttl, 'ttl')
  if (!lifetimeEnd) return
  const delayedMs = Math.max(0, (run.delayUntil?.getTime() ?? 0) - Date.now())
  engine.timers.at(new Date(lifetimeEnd.getTime() + delayedMs), () => {
    if (isFinal(run) || run.attemptNumber > 0 || latestSnapshot(run).executionStatus !== 'QUEUED') return
    run.expiredAt = new Date()
    finishRun(engine, run, { status: 'EXPIRED', error: { type: 'STRING_ERROR', raw: `Run expired because the TTL (${run.ttl}) was reached` } })
  })
}
