import type { TaskCall } from '../engine/engine.ts'
import type { CompiledStep } from './compile-track.ts'
import { amended } from './apply-fork.ts'
import { StepCall } from './step-call.ts'
import type { TrackState } from './track-state.ts'
import type { Walk } from './walk.ts'

/** The call of a step, or of one item of it (`segment` `translate[3]`). Throws `ContractError` where the payload does not fit. */
export function callOfStep(walk: Walk, state: TrackState, step: CompiledStep, segment: string, given: unknown): TaskCall | Promise<TaskCall> {
  const payload = walk.fork ? amended(walk.fork, `${state.path}/${segment}`, given) : given
  const input = step.parseInput!(payload)
  if (input instanceof Promise) return input.then((parsed: unknown) => callOn(walk, state, step, segment, payload, parsed))
  return callOn(walk, state, step, segment, payload, input)
}

function callOn(walk: Walk, site: TrackState, step: CompiledStep, segment: string, payload: unknown, input: unknown): TaskCall {
  return new StepCall({ walk, site, options: step, segment, contract: step.contract!, payload, input, signal: walk.signal, nested: false })
}
