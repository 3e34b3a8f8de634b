import { copyJson } from '@track-orchestrator/registry'
import type { TaskOutcome } from '../engine/engine.ts'
import { inputOfTrack } from './apply-fork.ts'
import { callQuestion } from './call-mapper.ts'
import { callOfStep } from './call-of-step.ts'
import type { CompiledStep } from './compile-track.ts'
import { tellEnded, tellSkipped, tellStarted, type StepPlace } from './event-observer.ts'
import { runApproval } from './run-approval.ts'
import { runEach } from './run-each.ts'
import { runRepeat } from './run-repeat.ts'
import { runWait } from './run-wait.ts'
import { failedWith, nameOf, placeOf, succeededWith, type StepEnd } from './step-end.ts'
import type { TrackState } from './track-state.ts'
import type { Walk } from './walk.ts'

/** Runs a step of any kind, and tells of it. Never rejects. */
export function runStep(walk: Walk, state: TrackState, step: CompiledStep): Promise<StepEnd> {
  // Where nothing is decided and nobody is told, a step is its task's outcome: a promise less for each step of each run.
  return step.plain && !walk.events ? callTask(walk, state, step) : runWithChoices(walk, state, step)
}

async function runWithChoices(walk: Walk, state: TrackState, step: CompiledStep): Promise<StepEnd> {
  const { events } = walk
  const { onError = 'halt' } = step.definition
  const place: StepPlace | undefined = events && { track: state.track, path: `${state.path}/${step.segment}`, step: step.id, taskName: step.taskName, nested: false, kept: state.kept }
  const startedAt = events ? Date.now() : 0
  const end = await doStep(walk, state, step, place)
  if (end.status === 'skipped') {
    if (events && place) tellSkipped(events, place)
    return end
  }
  // What was told to stop stops, whatever the step says of failures.
  const handled = end.status === 'failed' && onError !== 'halt' && !walk.signal.aborted
  if (events && place) tellEnded(events, place, end, Date.now() - startedAt, handled, walk.ledger.of(place.path))
  if (!handled) return end
  return typeof onError === 'object' ? fallBack(state, step, onError.fallback) : { status: 'skipped' }
}

/** `place`: where somebody is to be told. */
async function doStep(walk: Walk, state: TrackState, step: CompiledStep, place: StepPlace | undefined): Promise<StepEnd> {
  const { when, forEach, repeat } = step.definition
  try {
    if (when && !callQuestion({ what: 'when', owner: nameOf(state, step), place: placeOf(state, step) }, () => when(state.previousForMapper(), state.originalInput, state.context))) return { status: 'skipped' }
    if (forEach !== undefined) return await runEach(walk, state, step)
    if (walk.events && place) tellStarted(walk.events, place)
    if (step.waits) return await runWait(walk, state, step)
    if (step.asks) return await runApproval(walk, state, step)
    if (!step.track) return await callTask(walk, state, step)
    const input = payloadOf(state, step)
    const path = `${state.path}/${step.segment}`
    const inside = walk.kept === state.kept ? walk : { ...walk, kept: state.kept } // what runs in a track that is kept is kept as well
    return succeededWith(await (repeat ? runRepeat(inside, state, step, repeat, input) : walk.walkTrack(inside, step.track, inputOfTrack(walk, path, input), path)))
  } catch (thrown) {
    return failedWith(thrown, state, step)
  }
}

function callTask(walk: Walk, state: TrackState, step: CompiledStep): Promise<TaskOutcome> {
  try {
    const call = callOfStep(walk, state, step, step.segment, payloadOf(state, step))
    if (!(call instanceof Promise)) return walk.engine.runTask(call)
    return call.then((made) => walk.engine.runTask(made)).catch((thrown: unknown) => failedWith(thrown, state, step))
  } catch (thrown) {
    return Promise.resolve(failedWith(thrown, state, step))
  }
}

/** The step's input: what its mapper makes, else what the step before handed on. */
function payloadOf(state: TrackState, step: CompiledStep): unknown {
  return step.map ? step.map(state) : state.previous
}

/** The fallback has the form in which an output travels: it is not parsed again. */
function fallBack(state: TrackState, step: CompiledStep, fallback: unknown): TaskOutcome {
  try {
    return succeededWith(copyJson(step.taskName, 'output', fallback))
  } catch (thrown) {
    return failedWith(thrown, state, step)
  }
}
