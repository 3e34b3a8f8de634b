import { types } from 'node:util'
import { TerminalError } from '@track-orchestrator/registry'
import type { TaskOutcome } from '../engine/engine.ts'
import { callMapper, mapperFailed } from './call-mapper.ts'
import { callOfStep } from './call-of-step.ts'
import type { CompiledStep } from './compile-track.ts'
import { nameOf, placeOf } from './step-end.ts'
import type { TrackState } from './track-state.ts'
import type { Walk } from './walk.ts'

/** Waits as the step says. Rejects with what is wrong with the step. */
export async function runWait(walk: Walk, state: TrackState, step: CompiledStep): Promise<TaskOutcome> {
  const { waitMs, waitUntil } = step.definition
  const time = waitUntil ? { until: momentOf(state, step, waitUntil) } : { waitMs }
  const call = await callOfStep(walk, state, step, step.segment, time)
  if (!walk.engine.wait) throw new TerminalError(`${nameOf(state, step)} waits, which this engine cannot do.`, { code: 'engine_unsupported' })
  return walk.engine.wait(call)
}

function momentOf(state: TrackState, step: CompiledStep, waitUntil: NonNullable<CompiledStep['definition']['waitUntil']>): string {
  const asked = { what: 'waitUntil', owner: nameOf(state, step), place: placeOf(state, step) }
  const answer: unknown = callMapper(asked, () => waitUntil(state.previousForMapper(), state.originalInput, state.context))
  const moment = new Date(types.isDate(answer) || typeof answer === 'number' || (typeof answer === 'string' && isMoment(answer)) ? answer : Number.NaN)
  if (moment.getTime() > lastMoment || moment.getTime() < firstMoment) throw mapperFailed(asked, `must answer a moment of the years 0 to 9999, not ${moment.toISOString()}.`)
  if (!Number.isNaN(moment.getTime())) return moment.toISOString()
  throw mapperFailed(asked, `must answer a moment (a date, an ISO 8601 text with its time zone, or milliseconds since 1970), not ${typeof answer === 'string' ? JSON.stringify(answer.slice(0, 40)) : types.isDate(answer) ? 'an invalid date' : typeof answer}.`)
}

/** Others are not written as ISO 8601 has it. */
const firstMoment = Date.parse('0000-01-01T00:00:00Z')
const lastMoment = Date.parse('9999-12-31T23:59:59.999Z')

/** Without a time zone it would mean another moment on another machine. A day that there is not is none: JavaScript takes 30 February for 1 March. */
function isMoment(text: string): boolean {
  const day = isoText.exec(text)?.[1]
  const midnight = new Date(`${day}T00:00:00Z`)
  return day !== undefined && !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day)
}

const isoText = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/
