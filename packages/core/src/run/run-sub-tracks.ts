import { copyJson, errorFromJson, TracksError, type SettledItem } from '@track-orchestrator/registry'
import type { TrackOutcome } from '../engine/engine.ts'
import { cancelled } from '../engine/stopping.ts'
import { callAsyncMapper } from './call-mapper.ts'
import type { CompiledComposite } from './compile-track.ts'
import type { TrackState } from './track-state.ts'
import { deepFreeze } from './deep-freeze.ts'
import { endsOf, openTrackOutcome, recordOf, trackOutcomeOf } from './track-outcome.ts'
import { underSignal, type Walk } from './walk.ts'

/**
 * Runs the sub-tracks of a composite track side by side. The first failure cancels the others and is thrown; else what they hand on is
 * merged. In a race it is the first success that cancels the others.
 */
export async function runSubTracks(walk: Walk, state: TrackState, composite: CompiledComposite): Promise<unknown> {
  const { definition, subTracks, graph } = composite
  const { runId, runName, walkId, fork, round, deadline, base, signal, ledger } = walk
  const { path, kept } = state
  const input = state.previous
  const walkUnder = underSignal({ ...walk, kept })
  const race = definition.mode === 'race'
  const plan = {
    graph,
    onTrackFailure: race ? 'continue' : 'halt',
    race,
    concurrency: definition.concurrency,
    signal,
    ledger,
    origin: { owner: { kind: 'composite', name: definition.name }, runId, runName, walkId, fork, round, deadlineAt: deadline?.at, path, kept, base, inputOf: () => input },
    runTrack: (index: number, _outcomes: unknown, under: AbortSignal) => trackOutcomeOf(under, () => walk.walkTrack(walkUnder(under), subTracks[index]!, input, `${path}/${graph.names[index]}`)),
    skipTrack: () => {},
  } as const
  const ended = await walk.engine.runTracks(plan)
  deadline?.look()
  const outcomes = endsOf(plan, ended)
  if (signal.aborted) throw cancelled(definition.name, signal)
  if (race) return outputOfWinner(definition.name, graph.names, outcomes)
  const failed = outcomes.findIndex(({ status }) => status === 'failed')
  if (failed >= 0) openTrackOutcome(outcomes[failed]!, graph.names[failed]!)
  const outputs = outcomes.map((outcome, index) => openTrackOutcome(outcome, graph.names[index]!))
  const byName = recordOf(graph.names, outputs)
  const { mergeStrategy } = definition
  if (!mergeStrategy) return byName
  const { name } = definition
  const context = Object.freeze({ byName: deepFreeze(byName), originalInput: state.originalInput, ...state.context })
  const asked = { what: 'mergeStrategy', owner: name, place: { track: name } }
  return copyJson(name, 'output', await callAsyncMapper(asked, signal, () => mergeStrategy(Object.freeze(outputs), context)))
}

function outputOfWinner(name: string, names: readonly string[], outcomes: readonly TrackOutcome[]): unknown {
  const winner = outcomes.find(({ status }) => status === 'succeeded')
  if (winner?.status === 'succeeded') return winner.output
  const items = outcomes.map((outcome): SettledItem => (outcome.status === 'failed' ? { status: 'failed', error: outcome.thrown ?? errorFromJson(outcome.error) } : { status: 'cancelled' }))
  const told = items.flatMap((item, index) => (item.status === 'failed' ? [{ error: item.error, line: `${names[index]}: ${item.error.message}` }] : []))
  const message = `None of the sub-tracks of ${name} succeeded. ${told.map(({ line }) => line).join('; ')}`
  // It may be won another time where one of them may succeed then: not before the first that may.
  const passing = told.flatMap(({ error }) => (error.retryable ? [error.retryAfterMs ?? 0] : []))
  throw new TracksError(message, { code: 'tracks/all_failed', retryable: passing.length > 0, retryAfterMs: Math.min(...passing) || undefined, cause: told[0]?.error, place: { track: name }, items })
}
