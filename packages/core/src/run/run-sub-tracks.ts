import { callAsyncMapper } from './call-mapper.ts'
import type { CompiledComposite } from './compile-track.ts'
import type { TrackState } from './track-state.ts'
import { openTrackOutcome, recordOf, trackOutcomeOf } from './track-outcome.ts'
import { underSignal, type Walk } from './walk.ts'

/** Runs the sub-tracks of a composite track side by side and merges what they hand on. The first failure cancels the others and is thrown. */
export async function runSubTracks(walk: Walk, state: TrackState, composite: CompiledComposite): Promise<unknown> {
  const { definition, subTracks, graph } = composite
  const input = state.previous
  const walkUnder = underSignal({ ...walk, enableSupabaseLogging: state.enableSupabaseLogging })
  const outcomes = await walk.engine.runTracks({
    owner: { kind: 'composite', name: definition.name },
    runId: walk.runId,
    runName: walk.runName,
    walkId: walk.walkId,
    enableSupabaseLogging: state.enableSupabaseLogging,
    path: state.path,
    base: walk.base,
    input,
    inputs: subTracks.map(() => input),
    graph,
    onTrackFailure: 'halt',
    concurrency: definition.concurrency,
    signal: walk.signal,
    runTrack: (index, _outcomes, signal) =>
      trackOutcomeOf(signal, () =>
        walk.walkTrack(walkUnder(signal), subTracks[index]!, input, `${state.path}/${graph.names[index]}`),
      ),
    skipTrack: () => {},
  })
  const failed = outcomes.findIndex(({ status }) => status === 'failed')
  if (failed >= 0) openTrackOutcome(outcomes[failed]!, graph.names[failed]!)
  const outputs = outcomes.map((outcome, index) => openTrackOutcome(outcome, graph.names[index]!))
  const byName = recordOf(graph.names, outputs)
  const { mergeStrategy } = definition
  if (!mergeStrategy) return byName
  const context = { byName, originalInput: state.originalInput, outputs: state.outputs, trampData: state.trampData }
  return callAsyncMapper('mergeStrategy', definition.name, () => mergeStrategy(outputs, context))
}
