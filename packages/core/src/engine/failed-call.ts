import { CancelledError, errorAt } from '@track-orchestrator/registry'
import type { TaskCall, TaskOutcome } from './engine.ts'

/**
 * The outcome of a call that failed with what was thrown. Where the error has no place yet (its process was killed, or a person cancelled
 * it), it gets that of the call. `attempt`: the last one that was made. Default: the one that the error names, else 0.
 */
export function failedCall({ contract, track, step }: TaskCall, thrown: unknown, attempt?: number): TaskOutcome & { readonly status: 'failed' } {
  const error = errorAt(thrown, { track, step, taskName: contract.name })
  return { status: 'failed', error, attempt: attempt ?? error.place?.attempt ?? 0, metadata: {} }
}

/** The outcome of a call that was not started, since another one had failed and they stop at that. It is no failure of its own. */
export function notStarted(call: TaskCall): TaskOutcome {
  const error = new CancelledError(`${call.contract.name} was not started, since another call had failed`)
  return { ...failedCall(call, error, 0), isNotStarted: true }
}

/** Whether the call was started: else its outcome is that of `notStarted`. */
export function isStarted(outcome: TaskOutcome): boolean {
  return outcome.status === 'succeeded' || !outcome.isNotStarted
}
