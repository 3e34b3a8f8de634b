import { errorFromJson, errorToJson, toTracksError, withoutBaseFields, type TracksError } from '@track-orchestrator/registry'
import type { TrackOutcome } from '../engine/engine.ts'
import { callMapper } from './call-mapper.ts'
import type { CompiledOrchestrator } from './compile-orchestrator.ts'
import { runStep } from './run-step.ts'
import { TrackState } from './track-state.ts'
import { recordOf, trackOutcomeOf } from './track-outcome.ts'
import { cancelled } from './thrown.ts'
import { trackInputOf } from './track-input.ts'
import { isLogged, walkTrack } from './run-track.ts'
import { underSignal, withBaseFields, type Walk } from './walk.ts'

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
  const input = orchestrator.parseInput ? await orchestrator.parseInput(given) : given
  await checkFirstInputs(orchestrator, input)
  const originalInput = withBaseFields(input, walk.base)
  const walkUnder = underSignal(walk)
  const outcomes = await walk.engine.runTracks({
    owner: { kind: 'orchestrator', name },
    runId: walk.runId,
    runName: walk.runName,
    walkId: walk.walkId,
    enableSupabaseLogging: walk.enableSupabaseLogging,
    path: name,
    base: walk.base,
    input,
    graph,
    onTrackFailure,
    concurrency: undefined,
    signal: walk.signal,
    runTrack: (index, upstream, signal) => walkTrackOf(walkUnder(signal), orchestrator, index, upstream, input, originalInput),
    skipTrack: (index, outcome) => tellSkipped(walk, orchestrator, index, outcome),
  })
  const error = onTrackFailure === 'halt' || walk.signal.aborted ? whyStopped(walk, name, outcomes) : undefined
  if (error) return { outcomes, error }
  const outputs = recordOf(graph.names, outcomes.map((outcome) => (outcome.status === 'succeeded' ? outcome.output : undefined)))
  if (!definition.finalTask) return { outcomes, output: outputs }
  try {
    return { outcomes, output: await runFinalTask(walk, orchestrator, outputs, originalInput) }
  } catch (thrown) {
    return { outcomes, error: toTracksError(thrown) }
  }
}

/** Bad input is refused before anything runs: the tracks that wait for nothing take the orchestrator's input as it is. */
async function checkFirstInputs({ definition, tracks, graph }: CompiledOrchestrator, input: unknown): Promise<void> {
  for (const [index, { parseInput, steps }] of tracks.entries()) {
    if (graph.dependencies[index]!.length > 0 || definition.trackInputMappings?.[graph.names[index]!]) continue
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
  originalInput = withBaseFields(input, walk.base),
): Promise<TrackOutcome> {
  const track = orchestrator.tracks[index]!
  const path = `${orchestrator.definition.name}/${track.definition.name}`
  return trackOutcomeOf(walk.signal, () => {
    let own: unknown
    try {
      own = withoutBaseFields(trackInputOf(orchestrator, index, upstream, input, originalInput))
    } catch (thrown) {
      walk.events?.emit({ type: 'track.failed', track: track.definition.name, path, error: errorToJson(thrown), durationMs: 0 }, isLogged(walk, track))
      throw thrown
    }
    return walkTrack(walk, track, own, path)
  })
}

function tellSkipped(walk: Walk, orchestrator: CompiledOrchestrator, index: number, outcome: TrackOutcome): void {
  const track = orchestrator.tracks[index]!
  const place = { track: track.definition.name, path: `${orchestrator.definition.name}/${track.definition.name}` }
  if (outcome.status === 'skipped') walk.events?.emit({ type: 'track.skipped', because: outcome.because, ...place }, isLogged(walk, track))
  if (outcome.status === 'cancelled') walk.events?.emit({ type: 'track.cancelled', durationMs: 0, ...place }, isLogged(walk, track))
}

/** The error of the track that failed; else, that the run was cancelled; else nothing. */
function whyStopped(walk: Walk, name: string, outcomes: readonly TrackOutcome[]): TracksError | undefined {
  if (walk.signal.aborted) return cancelled(name, walk.signal)
  const failed = outcomes.find((outcome) => outcome.status === 'failed')
  return failed && (failed.thrown ?? errorFromJson(failed.error))
}

async function runFinalTask(walk: Walk, orchestrator: CompiledOrchestrator, outputs: Record<string, unknown>, originalInput: unknown): Promise<unknown> {
  const { definition, finalStep } = orchestrator
  const { inputMapper, taskName } = definition.finalTask!
  if (walk.signal.aborted) throw cancelled(definition.name, walk.signal)
  const { name } = definition
  const previous = inputMapper ? withoutBaseFields(callMapper('inputMapper', `the final task ${taskName}`, () => inputMapper(outputs, originalInput))) : outputs
  return runStep(walk, new TrackState(walk, name, name, walk.enableSupabaseLogging, previous, []), finalStep!)
}
