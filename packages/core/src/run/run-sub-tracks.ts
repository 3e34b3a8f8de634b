import { copyJson } from '@track-orchestrator/registry'
import { callAsyncMapper } from './call-mapper.ts'
import type { CompiledComposite } from './compile-track.ts'
import type { TrackState } from './track-state.ts'
import { deepFreeze } from './deep-freeze.ts'
import { endsOf, openTrackOutcome, recordOf, trackOutcomeOf } from './track-outcome.ts'
import { underSignal, type Walk } from './walk.ts'

/** Runs the sub-tracks of a composite track side by side and merges what they hand on. The first failure cancels the others and is thrown. */
export async function runSubTracks(walk: Walk, state: TrackState, composite: CompiledComposite): Promise<unknown> {
  const { definition, subTracks, graph } = composite
  const { runId, runName, walkId, base, signal } = walk
  const { path, kept } = state
  const input = state.previous
  const walkUnder = underSignal({ ...walk, kept })
  const plan = {
    graph,
    onTrackFailure: 'halt',
    concurrency: definition.concurrency,
    signal,
    origin: { owner: { kind: 'composite', name: definition.name }, runId, runName, walkId, path, kept, base, inputOf: () => input },
    runTrack: (index: number, _outcomes: unknown, under: AbortSignal) => trackOutcomeOf(under, () => walk.walkTrack(walkUnder(under), subTracks[index]!, input, `${path}/${graph.names[index]}`)),
    skipTrack: () => {},
  } as const
  const outcomes = endsOf(plan, await walk.engine.runTracks(plan))
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
