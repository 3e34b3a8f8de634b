import { CancelledError } from '@track-orchestrator/registry'
import type { TaskCall, TaskOutcome } from './engine.ts'

/** The outcome of a call that was not started, since another one had failed and they stop at that. Its `attempt` is 0. */
export function notStarted({ contract, track, step }: TaskCall): TaskOutcome {
  const error = new CancelledError(`${contract.name} was not started, since another call had failed`, { place: { track, step, taskName: contract.name } })
  return { status: 'failed', error, attempt: 0, metadata: {} }
}
