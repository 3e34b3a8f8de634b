import { errorAt, errorFromJson, errorToJson, toTracksError, withoutBaseFields, type TracksError } from '@track-orchestrator/registry'
import type { TrackOutcome, TrackPlan } from '../engine/engine.ts'
import { cancelled } from '../engine/stopping.ts'
import type { CompiledOrchestrator } from './compile-orchestrator.ts'
import { runStep } from './run-step.ts'
import { isKept, walkTrack } from './run-track.ts'
import { ownOf, trackInputOf } from './track-input.ts'
import { deepFreeze } from './deep-freeze.ts'
import { endsOf, recordOf, trackOutcomeOf } from './track-outcome.ts'
import { TrackState } from './track-state.ts'
import { withBaseFields } from './shown-to-mappers.ts'
import { underSignal, type Walk } from './walk.ts'

/** How an orchestrator's walk ended. */
export interface OrchestratorEnd {
  /** How each track ended, in the order of the definition. */
  readonly outcomes: readonly TrackOutcome[]
  readonly output?: unknown
  /** Why there is no output. */
  readonly error?: TracksError
}

/** Walks an orchestrator: its tracks, each as soon as it can, then the final task. Rejects only where the input is refused. */
export async function walkOrchestrator(walk: Walk, orchestrator: CompiledOrchestrator, given: unknown): Promise<OrchestratorEnd> {
  const { definition, graph } = orchestrator
  const { name, onTrackFailure = 'halt' } = definition
  const { runId, runName, walkId, fork, kept, base, signal, ledger } = walk
  const input = orchestrator.parseInput ? await orchestrator.parseInput(given) : given
  await checkFirstInputs(orchestrator, input)
  const originalInput = withBaseFields(deepFreeze(input), base)
  const walkUnder = underSignal(walk)
  const plan: TrackPlan = {
    graph,
    onTrackFailure,
    concurrency: undefined,
    signal,
    ledger,
    origin: { owner: { kind: 'orchestrator', name }, runId, runName, walkId, fork, round: undefined, deadlineAt: undefined, path: name, kept, base, inputOf: () => input },
    runTrack: (index, upstream, under) => walkTrackOf(walkUnder(under), orchestrator, index, upstream, input, originalInput),
    skipTrack: (index, outcome) => tellSkipped(walk, orchestrator, index, outcome),
  }
  const outcomes = endsOf(plan, await walk.engine.runTracks(plan))
  if (signal.aborted) return { outcomes, error: cancelled(name, signal) }
  const error = onTrackFailure === 'halt' ? firstFailure(outcomes) : undefined
  if (error) return { outcomes, error }
  const outputs = recordOf(graph.names, outcomes.map((outcome) => (outcome.status === 'succeeded' ? outcome.output : undefined)))
  const { finalStep } = orchestrator
  if (!finalStep) return { outcomes, output: outputs }
  const state = new TrackState(walk.base, name, name, kept, input, [])
  state.file(outputs)
  const end = await runStep(walk, state, finalStep)
  return { outcomes, ...(end.status === 'succeeded' && { output: end.output }), ...(end.status === 'failed' && { error: end.error }) }
}

/** Bad input is refused before anything runs: the tracks that wait for nothing take the orchestrator's input as it is. */
async function checkFirstInputs({ definition, tracks, graph }: CompiledOrchestrator, input: unknown): Promise<void> {
  for (const [index, { parseInput, steps }] of tracks.entries()) {
    if (graph.dependencies[index]!.length > 0 || ownOf(definition.trackInputMappings, graph.names[index]!)) continue
    const parse = parseInput ?? (steps[0]?.plain && !steps[0].definition.inputMapper ? steps[0].parseInput : undefined)
    if (parse) await parse(input)
  }
}

/** Walks track number `index` of an orchestrator, on the outcomes of what it waits for. Never rejects. */
export function walkTrackOf(
  walk: Walk,
  orchestrator: CompiledOrchestrator,
  index: number,
  upstream: readonly TrackOutcome[],
  input: unknown,
  originalInput = withBaseFields(deepFreeze(input), walk.base),
): Promise<TrackOutcome> {
  const track = orchestrator.tracks[index]!
  const { name } = track.definition
  const path = `${orchestrator.definition.name}/${name}`
  return trackOutcomeOf(walk.signal, () => {
    let own: unknown
    try {
      own = withoutBaseFields(trackInputOf(orchestrator, index, upstream, input, originalInput))
    } catch (thrown) {
      const error = errorAt(thrown, { track: name })
      walk.events?.emit({ type: 'track.failed', track: name, path, error: errorToJson(error), durationMs: 0 }, isKept(walk, track))
      throw error
    }
    return walkTrack(walk, track, own, path)
  })
}

function tellSkipped(walk: Walk, orchestrator: CompiledOrchestrator, index: number, outcome: TrackOutcome): void {
  const track = orchestrator.tracks[index]!
  const place = { track: track.definition.name, path: `${orchestrator.definition.name}/${track.definition.name}` }
  if (outcome.status === 'skipped') walk.events?.emit({ type: 'track.skipped', because: outcome.because, ...place }, isKept(walk, track))
  if (outcome.status === 'cancelled') walk.events?.emit({ type: 'track.cancelled', durationMs: 0, ...place }, isKept(walk, track))
}

function firstFailure(outcomes: readonly TrackOutcome[]): TracksError | undefined {
  const failed = outcomes.find((outcome) => outcome.status === 'failed')
  return failed && toTracksError(failed.thrown ?? errorFromJson(failed.error))
}
