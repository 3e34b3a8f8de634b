import { errorAt, errorToJson, type Costs } from '@track-orchestrator/registry'
import type { Ledger } from '../costs/ledger.ts'
import { cancelled, isUncancellable } from '../engine/stopping.ts'
import type { CompiledTrack } from './compile-track.ts'
import { runStep } from './run-step.ts'
import { runSubTracks } from './run-sub-tracks.ts'
import { TrackState } from './track-state.ts'
import { walkInTime } from './walk-in-time.ts'
import type { HowWalked, Walk } from './walk.ts'

/**
 * Walks a track, and returns its output. Throws the `TracksError` of the step that stopped it, with its place, or that it was
 * cancelled: also where its last step answered nevertheless. `path` is the track's own: `VoiceConversion/AudioProcessingTrack`.
 */
export function walkTrack(walk: Walk, track: CompiledTrack, given: unknown, path: string, how?: HowWalked): Promise<unknown> {
  const { timeoutMs, retry } = track.definition
  // Where nobody is told, and nothing is done around its steps, they are the track: a promise less for each track of each run.
  const plain = !walk.events && !track.parseInput && timeoutMs === undefined && retry === undefined
  return plain ? walkSteps(walk, track, given, path) : walkAndTell(walk, track, given, path, how)
}

async function walkAndTell(walk: Walk, track: CompiledTrack, given: unknown, path: string, { tellsOutput = false }: HowWalked = {}): Promise<unknown> {
  const { events, signal, ledger } = walk
  const { name } = track.definition
  const kept = isKept(walk, track)
  const startedAt = Date.now()
  try {
    if (signal.aborted) throw cancelled(name, signal)
    events?.emit({ type: 'track.started', track: name, path, stepCount: track.steps.length }, kept)
    const input: unknown = track.parseInput ? await track.parseInput(given) : given
    const { timeoutMs, retry } = track.definition
    const output = timeoutMs === undefined && retry === undefined ? await walkSteps(walk, track, input, path) : await walkInTime(walk, track.definition, { path, kept }, (own) => walkSteps(own, track, input, path))
    // It may have been cancelled since the last step looked.
    if (signal.aborted) throw cancelled(name, signal)
    events?.emit({ type: 'track.succeeded', track: name, path, durationMs: Date.now() - startedAt, ...paid(ledger, path), ...(tellsOutput && events.payloads && { output }) }, kept)
    return output
  } catch (thrown) {
    const error = errorAt(thrown, { track: name })
    const ended = { track: name, path, durationMs: Date.now() - startedAt, ...paid(ledger, path) }
    events?.emit(signal.aborted ? { type: 'track.cancelled', ...ended } : { type: 'track.failed', error: errorToJson(error), ...ended }, kept)
    throw error
  }
}

async function walkSteps(walk: Walk, track: CompiledTrack, input: unknown, path: string): Promise<unknown> {
  const { signal, deadline } = walk
  const { name } = track.definition
  try {
    if (signal.aborted) throw cancelled(name, signal)
    const state = new TrackState(walk.base, name, path, isKept(walk, track), input, track.ids)
    for (const step of track.steps) {
      deadline?.look()
      if (!isUncancellable(signal) && signal.aborted) throw cancelled(name, signal)
      const end = await runStep(walk, state, step)
      if (end.status === 'failed') throw end.error
      if (end.status === 'succeeded' && !step.passes) state.file(end.output)
      else state.pass()
    }
    const output = track.composite ? await runSubTracks(walk, state, track.composite) : state.previous
    deadline?.look()
    if (signal.aborted) throw cancelled(name, signal)
    return output
  } catch (thrown) {
    throw errorAt(thrown, { track: name })
  }
}

/** What is told of what a track paid. */
function paid(ledger: Ledger, path: string): { readonly costs?: Costs } | undefined {
  const costs = ledger.of(path)
  return costs && { costs }
}

/** Whether the track's events are marked to be kept: it says so itself, or what it runs in does. */
export function isKept(walk: Walk, track: CompiledTrack): boolean {
  return walk.kept || track.kept
}
