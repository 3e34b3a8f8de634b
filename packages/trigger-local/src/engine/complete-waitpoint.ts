import { WaitpointId } from '@trigger.dev/core/v3/isomorphic'
import { announce, type Engine } from './engine.ts'
import { addSnapshot } from './snapshot.ts'
import { latestSnapshot, type Run } from './run.ts'
import type { Completion, Waitpoint } from './waitpoint.ts'

/** A waitpoint that has not happened yet. */
export function createWaitpoint(engine: Engine, given: Pick<Waitpoint, 'type'> & Partial<Waitpoint>): Waitpoint {
  const waitpoint: Waitpoint = {
    ...WaitpointId.generate(),
    createdAt: new Date(),
    run: undefined,
    batch: undefined,
    completedAfter: undefined,
    idempotencyKey: undefined,
    idempotencyKeyExpiresAt: undefined,
    tags: [],
    waiting: new Set(),
    completed: undefined,
    ...given,
  }
  engine.waitpoints.set(waitpoint.friendlyId, waitpoint)
  return waitpoint
}

/** Lets the waitpoint happen, once: a second time changes nothing. The runs that waited go on soon. */
export function completeWaitpoint(engine: Engine, waitpoint: Waitpoint, result: Partial<Omit<Completion, 'at'>> = {}): void {
  if (waitpoint.completed) return
  waitpoint.completed = { at: new Date(), output: undefined, outputType: undefined, outputIsError: false, ...result }
  announce(engine, { type: 'waitpoint.completed', id: waitpoint.friendlyId })
  for (const id of waitpoint.waiting) continueSoon(engine, engine.runs.get(id)!)
}

/** Lets the run go on, soon, if nothing blocks it any more. */
export function continueSoon(engine: Engine, run: Run): void {
  engine.timers.soon(`continue ${run.id}`, 10, () => {
    if (run.blockers.length === 0 || !run.blockers.every(({ waitpoint }) => waitpoint.completed)) return
    const { executionStatus, batchId } = latestSnapshot(run)
    if (executionStatus !== 'EXECUTING_WITH_WAITPOINTS') return
    addSnapshot(engine, run, 'EXECUTING', 'Run was continued, whilst still executing.', { batchId, completedWaitpoints: clearBlockers(run) })
  })
}

/** Takes away all that the run waits for, and says what it was. */
export function clearBlockers(run: Run): Run['blockers'] {
  const { blockers } = run
  run.blockers = []
  for (const { waitpoint } of blockers) waitpoint.waiting.delete(run.friendlyId)
  return blockers
}
