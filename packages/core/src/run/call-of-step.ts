import type { TaskCall } from '../engine/engine.ts'
import type { CompiledStep } from './compile-track.ts'
import { StepCall } from './step-call.ts'
import type { TrackState } from './track-state.ts'
import type { Walk } from './walk.ts'

/** The call of a step, or of one item of it (`segment` `2:translate[3]`). Throws `ContractError` where the payload does not fit. */
export function callOfStep(walk: Walk, state: TrackState, step: CompiledStep, segment: string, payload: unknown): TaskCall | Promise<TaskCall> {
  const contract = step.contract!
  const make = (input: unknown): TaskCall => new StepCall({ walk, site: state, options: step, segment, contract, payload, input, signal: walk.signal, nested: false })
  const input = step.parseInput!(payload)
  return input instanceof Promise ? input.then(make) : make(input)
}
