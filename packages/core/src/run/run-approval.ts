import { copyJson, TerminalError, withoutBaseFields } from '@track-orchestrator/registry'
import { isUnanswered, unanswered } from '../engine/approval.ts'
import { callMapper } from './call-mapper.ts'
import { callOfStep } from './call-of-step.ts'
import type { CompiledStep } from './compile-track.ts'
import { failedWith, nameOf, placeOf, type StepEnd } from './step-end.ts'
import type { TrackState } from './track-state.ts'
import type { Walk } from './walk.ts'

/** Asks as the step says, and waits for the answer. Rejects with what is wrong with the step. */
export async function runApproval(walk: Walk, state: TrackState, step: CompiledStep): Promise<StepEnd> {
  const { schema, timeoutMs, onTimeout = 'fail' } = step.definition
  const call = await callOfStep(walk, state, step, step.segment, shownOf(state, step))
  if (!walk.engine.ask) throw new TerminalError(`${nameOf(state, step)} asks for an answer, which this engine cannot do.`, { code: 'engine_unsupported' })
  const outcome = await walk.engine.ask(call, { timeoutMs: timeoutMs!, onTimeout })
  if (outcome.status === 'failed') return outcome
  // As the definition says now: it may have said something else when the time was over.
  if (isUnanswered(outcome)) return onTimeout === 'skip' ? { status: 'skipped' } : unanswered(call, { timeoutMs: timeoutMs!, onTimeout })
  if (schema === undefined && outcome.output !== true) return failedWith(new TerminalError(`The answer to ${step.id} was no.`, { code: 'approval/rejected' }), state, step)
  return outcome
}

/** What is shown to who answers. */
function shownOf(state: TrackState, step: CompiledStep): unknown {
  const { input } = step.definition
  if (!input) return state.previous
  const asked = { what: 'input', owner: nameOf(state, step), place: placeOf(state, step) }
  return copyJson(step.taskName, 'input', withoutBaseFields(callMapper(asked, () => input(state.previousForMapper(), state.originalInput, state.context))))
}
