import { errorToJson } from '@track-orchestrator/registry'
import type { RunEvents } from '../log/run-events.ts'
import type { CompiledTrack } from './compile-track.ts'
import { resultsOf } from './call-of-step.ts'
import { runStep, startPlainStep } from './run-step.ts'
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
  for (const step of steps) {
    if (walk.signal !== neverAborted && walk.signal.aborted) throw cancelled(definition.name, walk.signal)
    // A plain step that nobody follows is the common case in bulk: it costs one promise, and nothing is built for it in vain.
    const output = step.plain && !walk.events ? resultsOf(await startPlainStep(walk, state, step), state, step) : await runStep(walk, state, step)
    state.file(output instanceof Promise ? await output : output)
  }
  return composite ? runSubTracks(walk, state, composite) : state.previous
}
