import { CancelledError, errorFromJson, errorToJson, toTracksError } from '@track-orchestrator/registry'
import type { TrackOutcome, TrackPlan } from '../engine/engine.ts'

/** Runs a track and tells how it ended, as data. Never rejects. What was told to stop is cancelled, whatever it came to. */
export function trackOutcomeOf(signal: AbortSignal, run: () => Promise<unknown>): Promise<TrackOutcome> {
  const startedAt = Date.now()
  const failed = (thrown: unknown): TrackOutcome => {
    const durationMs = Date.now() - startedAt
    if (signal.aborted) return { status: 'cancelled', durationMs }
    const error = toTracksError(thrown)
    return { status: 'failed', error: errorToJson(error), thrown: error, durationMs }
  }
  try {
    return run().then((output): TrackOutcome => ({ status: 'succeeded', output, durationMs: Date.now() - startedAt }), failed)
  } catch (thrown) {
    return Promise.resolve(failed(thrown))
  }
}

/**
 * How the tracks of a plan ended. One that was cancelled though neither the run was, nor another track's failure stopped it, was
 * cancelled by somebody else: for the run that is a failure.
 */
export function endsOf({ graph, signal, onTrackFailure, race }: TrackPlan, outcomes: readonly TrackOutcome[]): readonly TrackOutcome[] {
  if (race && outcomes.some(({ status }) => status === 'succeeded')) return outcomes
  if (signal.aborted || (onTrackFailure !== 'continue' && outcomes.some(({ status }) => status === 'failed'))) return outcomes
  return outcomes.map((outcome, index) => {
    if (outcome.status !== 'cancelled') return outcome
    const name = graph.names[index]!
    const error = new CancelledError(`${name} was cancelled, though the run it belongs to was not`, { place: { track: name } })
    return { status: 'failed', error: errorToJson(error), thrown: error, durationMs: outcome.durationMs }
  })
}

/** The output of a track that succeeded. Throws the track's own error, or that it was cancelled or skipped. */
export function openTrackOutcome(outcome: TrackOutcome, name: string): unknown {
  if (outcome.status === 'succeeded') return outcome.output
  if (outcome.status === 'failed') throw outcome.thrown ?? errorFromJson(outcome.error)
  const why = outcome.status === 'skipped' ? `skipped, since ${outcome.because} did not succeed` : 'cancelled'
  throw new CancelledError(`${name} was ${why}`)
}

/** As in `copyJson`: from so many on, V8 would lay out a class of objects for each further name, and keep a table in the end. */
const wide = 64

/** Values under the names of their tracks. A loop: an orchestrator may have thousands. */
export function recordOf<Value>(names: readonly string[], values: readonly Value[]): Record<string, Value> {
  // Without a prototype an object is a table from the start.
  const record = (names.length < wide ? {} : Object.create(null)) as Record<string, Value>
  for (let index = 0; index < names.length; index++) record[names[index]!] = values[index]!
  return names.length < wide ? record : (Object.setPrototypeOf(record, Object.prototype) as Record<string, Value>)
}
