import { errorToJson } from '@track-orchestrator/registry'
import type { TaskOutcome } from '../engine/engine.ts'
import type { RunEvents } from '../log/run-events.ts'
import type { CompiledTrack } from './compile-track.ts'
import { checkResults, resultsOf } from './call-of-step.ts'
import { callOfPlainStep, runStep } from './run-step.ts'
import { runSubTracks } from './run-sub-tracks.ts'
import { TrackState } from './track-state.ts'
import { atPlace, cancelled, isCancelled } from './thrown.ts'
import { neverAborted, type Walk } from './walk.ts'

/**
 * Walks a track, and returns its output. Throws the `TracksError` of the step that stopped it, with its place.
 * `path` is the track's own: `VoiceConversion/AudioProcessingTrack`.
 */
export function walkTrack(walk: Walk, track: CompiledTrack, given: unknown, path: string): Promise<unknown> {
  return walk.events ? walkObserved(walk, walk.events, track, given, path) : walkSteps(walk, track, given, path)
}

async function walkObserved(walk: Walk, events: RunEvents, track: CompiledTrack, given: unknown, path: string): Promise<unknown> {
  const { name } = track.definition
  const logged = isLogged(walk, track)
  const startedAt = Date.now()
  events.emit({ type: 'track.started', track: name, path, stepCount: track.steps.length }, logged)
  try {
    const output = await walkSteps(walk, track, given, path)
    events.emit({ type: 'track.succeeded', track: name, path, durationMs: Date.now() - startedAt }, logged)
    return output
  } catch (thrown) {
    const error = atPlace(thrown, { track: name })
    const ended = { track: name, path, durationMs: Date.now() - startedAt }
    events.emit(isCancelled(error) ? { type: 'track.cancelled', ...ended } : { type: 'track.failed', error: errorToJson(error), ...ended }, logged)
    throw error
  }
}

/** Whether the track's events are marked to be kept: it says so itself, or what it runs in does. */
export function isLogged(walk: Walk, track: CompiledTrack): boolean {
  return walk.enableSupabaseLogging || track.definition.enableSupabaseLogging === true
}

async function walkSteps(walk: Walk, track: CompiledTrack, given: unknown, path: string): Promise<unknown> {
  const { definition, steps, composite } = track
  const parsed = track.parseInput ? track.parseInput(given) : given
  const input = parsed instanceof Promise ? await parsed : parsed
  const state = new TrackState(walk, definition.name, path, isLogged(walk, track), input, track.ids)
  const direct = walk.events ? undefined : walk.engine.direct
  for (const step of steps) {
    if (walk.signal !== neverAborted && walk.signal.aborted) throw cancelled(definition.name, walk.signal)
    let output: unknown
    if (step.plain && direct) {
      // The common case in bulk. It stands here, since a function of its own would cost another promise.
      const made = callOfPlainStep(walk, state, step)
      const call = made instanceof Promise ? await made : made
      let results: unknown
      let failed: TaskOutcome | undefined
      try {
        results = await direct.attempt(call)
      } catch (thrown) {
        failed = await direct.afterFailure(call, thrown)
      }
      output = failed ? resultsOf(failed, state, step) : checkResults(results, state, step, 1)
    } else output = await runStep(walk, state, step)
    state.file(output instanceof Promise ? await output : output)
  }
  return composite ? runSubTracks(walk, state, composite) : state.previous
}
