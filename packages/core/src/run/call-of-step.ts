import { errorFromJson } from '@track-orchestrator/registry'
import type { TaskCall, TaskOutcome } from '../engine/engine.ts'
import type { CompiledStep } from './compile-track.ts'
import { StepCall } from './step-call.ts'
import { atPlace } from './thrown.ts'
import type { TrackState } from './track-state.ts'
import type { Walk } from './walk.ts'

/** The call of a step, or of one item of it (`segment` `2:translate[3]`). Throws `ContractError` where the payload does not fit. */
export function callOfStep(walk: Walk, state: TrackState, step: CompiledStep, segment: string, payload: unknown): TaskCall | Promise<TaskCall> {
  const contract = step.contract!
  const input = step.parseInput!(payload)
  if (input instanceof Promise) return input.then((parsed) => new StepCall(walk, state, step, segment, contract, payload, parsed, walk.signal, false))
  return new StepCall(walk, state, step, segment, contract, payload, input, walk.signal, false)
}

/** The output of a call, checked against the contract. Throws what the call failed with, at its place. */
export function resultsOf(outcome: TaskOutcome, state: TrackState, step: CompiledStep): unknown {
  const { job } = outcome
  if (!job.success) throw atPlace(outcome.thrown ?? errorFromJson(job.error), { ...placeOf(state, step), attempt: job.attempt })
  return checkResults(outcome.results, state, step, job.attempt)
}

/** Results, checked against the contract. */
export function checkResults(results: unknown, state: TrackState, step: CompiledStep, attempt: number): unknown {
  const misfit = (thrown: unknown): never => {
    throw atPlace(thrown, { ...placeOf(state, step), attempt })
  }
  try {
    const output = step.parseOutput!(results)
    return output instanceof Promise ? output.catch(misfit) : output
  } catch (thrown) {
    return misfit(thrown)
  }
}

/** How a message names a step. */
export const nameOf = (state: TrackState, step: CompiledStep): string => `step ${step.id} of ${state.track}`

/** Where an error of the step happened. */
export const placeOf = (state: TrackState, step: CompiledStep) => ({ track: state.track, step: step.id, taskName: step.taskName })
