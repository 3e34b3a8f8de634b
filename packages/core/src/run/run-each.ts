import { errorAt, TracksError, withoutBaseFields } from '@track-orchestrator/registry'
import type { TaskOutcome } from '../engine/engine.ts'
import { callMapper } from './call-mapper.ts'
import { callOfStep } from './call-of-step.ts'
import type { CompiledStep, CompiledTrack } from './compile-track.ts'
import { nameOf } from './step-end.ts'
import { openTrackOutcome, trackOutcomeOf } from './track-outcome.ts'
import type { TrackState } from './track-state.ts'
import { underSignal, type Walk } from './walk.ts'

/** Runs a step once for each item, and returns the outputs in the items' order. All items run; then the first failure is thrown. */
export async function runEach(walk: Walk, state: TrackState, step: CompiledStep): Promise<unknown[]> {
  const payloads = payloadsOf(state, step)
  const emit = progressOf(walk, state, step, payloads.length)
  emit.started()
  if (payloads.length === 0) return []
  if (step.track) return eachTrack(walk, state, step, step.track, payloads)
  const calls = await Promise.all(payloads.map(async (payload, index) => callOfStep(walk, state, step, `${step.segment}[${index}]`, withoutBaseFields(payload))))
  const { concurrency } = step.definition
  const outcomes = await walk.engine.runTasks(calls, { concurrency, onSettled: emit.settled })
  return outcomes.map((outcome, item) => {
    if (outcome.status === 'succeeded') return outcome.output
    throw errorAt(outcome.error, { item })
  })
}

function payloadsOf(state: TrackState, step: CompiledStep): readonly unknown[] {
  const { forEach, inputMapper } = step.definition
  const owner = nameOf(state, step)
  const originalInput = state.originalInput
  if (typeof forEach === 'function') {
    return asList(callMapper('forEach', owner, () => forEach(state.previousForMapper(), originalInput, state.context)), owner, 'what forEach returned')
  }
  const items = asList((state.previous as Record<string, unknown> | undefined)?.[forEach!], owner, `"${forEach}" of the previous output`)
  if (!inputMapper) return items
  return items.map((item, index) => callMapper('inputMapper', owner, () => inputMapper(item, index, originalInput, state.context)))
}

function asList(value: unknown, owner: string, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  const got = value === null ? 'null' : typeof value
  throw new TracksError(`${owner} runs for each item of a list, but ${what} is ${got}.`, { code: 'mapper_failed', retryable: false })
}

/** Each item is a track run of its own, so that an engine with child runs can run them side by side. */
async function eachTrack(walk: Walk, state: TrackState, step: CompiledStep, track: CompiledTrack, inputs: readonly unknown[]): Promise<unknown[]> {
  const { runId, runName, walkId, base, signal } = walk
  const { kept } = state
  const path = `${state.path}/${step.segment}`
  const { name } = track.definition
  const alone = inputs.map(() => [])
  const walkUnder = underSignal(walk)
  const inputOf = (index: number) => withoutBaseFields(inputs[index])
  const outcomes = await walk.engine.runTracks({
    graph: { names: inputs.map((_, index) => `${name}[${index}]`), dependencies: alone, dependants: alone },
    onTrackFailure: 'continue',
    concurrency: step.definition.concurrency,
    signal,
    origin: { owner: { kind: 'forEach', name }, runId, runName, walkId, path, kept, base, inputOf },
    runTrack: (index, _outcomes, under) => trackOutcomeOf(under, () => walk.walkTrack(walkUnder(under), track, inputOf(index), `${path}[${index}]`)),
    skipTrack: () => {},
  })
  return outcomes.map((outcome, index) => openTrackOutcome(outcome, `${name}[${index}]`))
}

function progressOf({ events }: Walk, state: TrackState, step: CompiledStep, itemCount: number) {
  if (!events) return { started: () => {} }
  const place = { track: state.track, path: `${state.path}/${step.segment}`, step: step.id, taskName: step.taskName, nested: false }
  let ended = 0
  return {
    started: () => events.emit({ type: 'step.started', itemCount, ...place }, state.kept),
    settled: (_index: number, _outcome: TaskOutcome) => {
      const note = `${++ended} of ${itemCount}`
      events.emit({ type: 'step.progress', fraction: ended / itemCount, note, ...place }, state.kept)
    },
  }
}
