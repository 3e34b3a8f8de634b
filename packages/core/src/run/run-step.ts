import { errorToJson, withoutBaseFields } from '@track-orchestrator/registry'
import type { TaskCall, TaskOutcome } from '../engine/engine.ts'
import { callMapper } from './call-mapper.ts'
import { callOfStep, nameOf, placeOf, resultsOf } from './call-of-step.ts'
import type { CompiledStep } from './compile-track.ts'
import { endOf } from './observe-call.ts'
import { runEach } from './run-each.ts'
import { atPlace, isCancelled } from './thrown.ts'
import type { TrackState } from './track-state.ts'
import type { Walk } from './walk.ts'

/** What a step came to: its output, and how it went. */
export interface StepEnd {
  readonly output: unknown
  /** Of the last call; 1 where the step is no single call. */
  readonly attempt: number
  readonly outcome?: TaskOutcome
}

/** The call of a plain step, ready for the engine. */
export function callOfPlainStep(walk: Walk, state: TrackState, step: CompiledStep): TaskCall | Promise<TaskCall> {
  const misfit = (thrown: unknown): never => {
    throw atPlace(thrown, placeOf(state, step))
  }
  try {
    const call = callOfStep(walk, state, step, step.segment, mapInput(walk, state, step))
    return call instanceof Promise ? call.catch(misfit) : call
  } catch (thrown) {
    return misfit(thrown)
  }
}

/** Runs a step of any kind, and tells of it. Returns what it hands on: `undefined` where it was skipped or failed and the track goes on. */
export async function runStep(walk: Walk, state: TrackState, step: CompiledStep): Promise<unknown> {
  const { events } = walk
  const { when, onError = 'halt' } = step.definition
  const place = { track: state.track, path: `${state.path}/${step.segment}`, step: step.id, taskName: step.taskName, nested: false }
  const emit = (body: Parameters<NonNullable<typeof events>['emit']>[0]) => events?.emit(body, state.enableSupabaseLogging)
  const startedAt = Date.now()
  try {
    if (when && !callMapper('when', nameOf(state, step), () => when(state.previousForMapper(), state.originalInput, state))) {
      emit({ type: 'step.skipped', ...place })
      return undefined
    }
    if (step.definition.forEach === undefined) emit({ type: 'step.started', ...place })
    const end = await doStep(walk, state, step)
    if (end.outcome && events) emit({ ...endOf(end.outcome, events.payloads), durationMs: Date.now() - startedAt, ...place })
    else emit({ type: 'step.succeeded', attempt: end.attempt, durationMs: Date.now() - startedAt, ...place, ...(events?.payloads && { output: end.output }) })
    return end.output
  } catch (thrown) {
    const error = atPlace(thrown, placeOf(state, step))
    const handled = onError !== 'halt' && !isCancelled(error)
    emit({ type: 'step.failed', attempt: error.place?.attempt ?? 1, error: errorToJson(error), handled, durationMs: Date.now() - startedAt, ...place })
    if (!handled) throw error
    return typeof onError === 'object' ? parseFallback(step, onError.fallback) : undefined
  }
}

async function doStep(walk: Walk, state: TrackState, step: CompiledStep): Promise<StepEnd> {
  if (step.definition.forEach !== undefined) return { output: await runEach(walk, state, step), attempt: 1 }
  const payload = mapInput(walk, state, step)
  if (step.track) return { output: await walk.walkTrack(walk, step.track, payload, `${state.path}/${step.segment}`), attempt: 1 }
  const outcome = await walk.engine.runTask(await callOfStep(walk, state, step, step.segment, payload))
  return { output: await resultsOf(outcome, state, step), attempt: outcome.job.attempt, outcome }
}

function mapInput(walk: Walk, state: TrackState, step: CompiledStep): unknown {
  const { inputMapper } = step.definition
  if (!inputMapper) return state.previous
  const mapped = callMapper('inputMapper', nameOf(state, step), () => inputMapper(state.previousForMapper(), state.originalInput, state))
  return withoutBaseFields(mapped)
}

function parseFallback(step: CompiledStep, fallback: unknown): unknown {
  if (!step.parseOutput) return fallback
  if (step.definition.forEach === undefined) return step.parseOutput(fallback)
  return Promise.all((fallback as unknown[]).map(step.parseOutput))
}
