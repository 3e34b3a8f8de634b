import { errorAt } from '@track-orchestrator/registry'
import type { TaskOutcome } from '../engine/engine.ts'
import type { CompiledStep } from './compile-track.ts'
import type { TrackState } from './track-state.ts'

/** How a step ended: as a task does, or not run at all since its `when` said no. */
export type StepEnd = TaskOutcome | { readonly status: 'skipped' }

const nothing = Object.freeze({})

/** The end of a step that is no single call. */
export function succeededWith(output: unknown, isReused = false): TaskOutcome {
  return { status: 'succeeded', output, attempt: 1, metadata: nothing, ...(isReused && { isReused }) }
}

/** The end of a step, or of one call of it, that failed with what was thrown. */
export function failedWith(thrown: unknown, state: TrackState, step: CompiledStep): TaskOutcome & { readonly status: 'failed' } {
  const error = errorAt(thrown, placeOf(state, step))
  return { status: 'failed', error, attempt: error.place?.attempt ?? 1, metadata: nothing }
}

/** Where an error of the step happened. */
export const placeOf = (state: TrackState, step: CompiledStep) => ({ track: state.track, step: step.id, taskName: step.taskName })

/** How a message names a step. */
export const nameOf = (state: TrackState, step: CompiledStep): string => `step ${step.id} of ${state.track}`
