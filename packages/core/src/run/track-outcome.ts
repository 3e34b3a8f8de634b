import { errorFromJson, errorToJson, toTracksError, TracksError } from '@track-orchestrator/registry'
import type { TrackOutcome } from '../engine/engine.ts'
import { isCancelled } from './thrown.ts'

/** Runs a track and tells how it ended, as data. Never rejects. */
export function trackOutcomeOf(signal: AbortSignal, run: () => Promise<unknown>): Promise<TrackOutcome> {
  const startedAt = Date.now()
  const failed = (thrown: unknown): TrackOutcome => {
    const error = toTracksError(thrown)
    const durationMs = Date.now() - startedAt
    if (isCancelled(error) || signal.aborted) return { status: 'cancelled', durationMs }
    return { status: 'failed', error: errorToJson(error), thrown: error, durationMs }
  }
  try {
    return run().then((output): TrackOutcome => ({ status: 'succeeded', output, durationMs: Date.now() - startedAt }), failed)
  } catch (thrown) {
    return Promise.resolve(failed(thrown))
  }
}

/** The output of a track that succeeded. Throws the track's own error, or that it was cancelled or skipped. */
export function openTrackOutcome(outcome: TrackOutcome, name: string): unknown {
  if (outcome.status === 'succeeded') return outcome.output
  if (outcome.status === 'failed') throw outcome.thrown ?? errorFromJson(outcome.error)
  const why = outcome.status === 'skipped' ? `skipped, since ${outcome.because} did not succeed` : 'cancelled'
  throw new TracksError(`${name} was ${why}`, { code: 'cancelled', retryable: false })
}

/** Values under the names of their tracks. A loop: an orchestrator may have thousands. */
export function recordOf<Value>(names: readonly string[], values: readonly Value[]): Record<string, Value> {
  const record: Record<string, Value> = {}
  for (let index = 0; index < names.length; index++) record[names[index]!] = values[index]!
  return record
}
