import { CancelledError, copyJson, errorAt, errorToJson, withoutBaseFields, type SettledItem, type TracksError } from '@track-orchestrator/registry'
import type { TaskCall, TaskOutcome, TrackOutcome } from '../engine/engine.ts'
import { isStarted } from '../engine/failed-call.ts'
import { inputOfTrack, refuseBeyondLast } from './apply-fork.ts'
import { callMapper, mapperFailed } from './call-mapper.ts'
import { callOfStep } from './call-of-step.ts'
import type { CompiledStep, CompiledTrack } from './compile-track.ts'
import { nameOf, placeOf, succeededWith } from './step-end.ts'
import { openTrackOutcome, trackOutcomeOf } from './track-outcome.ts'
import type { TrackState } from './track-state.ts'
import { underSignal, type Walk } from './walk.ts'

/** How an item ended. `started`: it was; those that were not did not fail, but others did. */
type ItemEnd = { readonly started: boolean } & ({ readonly output: unknown; readonly isReused?: true | undefined } | { readonly error: TracksError })

/**
 * Runs a step once for each item: its end holds the outputs in the items' order. Where an item fails, `onItemError` decides: by default all
 * run, and then the first failure is thrown, with the item's number in its place and the ends of all items on it.
 */
export async function runEach(walk: Walk, state: TrackState, step: CompiledStep): Promise<TaskOutcome> {
  const payloads = payloadsOf(state, step)
  refuseBeyondLast(walk, `${state.path}/${step.segment}`, payloads.length, 'item')
  const emit = progressOf(walk, state, step, payloads.length)
  emit.started()
  if (payloads.length === 0) return succeededWith([])
  const ends = step.track ? await eachTrack(walk, state, step, step.track, payloads) : await eachTask(walk, state, step, payloads, emit.settled)
  walk.deadline?.look()
  if (walk.signal.aborted) throw new CancelledError(`${nameOf(state, step)} was cancelled`)
  const isReused = ends.every((end) => 'output' in end && end.isReused)
  if (step.definition.onItemError === 'continue') return succeededWith(ends.map(resultOf), isReused)
  const failed = ends.findIndex((end) => 'error' in end && end.started)
  if (failed < 0) return succeededWith(ends.map((end) => ('output' in end ? end.output : undefined)), isReused)
  const { error } = ends[failed] as { error: TracksError }
  const thrown = errorAt(error, { item: failed })
  // Not enumerable: whoever prints the error would print every output.
  Object.defineProperty(thrown, 'items', { value: ends.map(settledItem), configurable: true, writable: true })
  throw thrown
}

/** An item's end as `onItemError: 'continue'` hands it on. */
function resultOf(end: ItemEnd, item: number): unknown {
  return 'output' in end ? { status: 'succeeded', output: end.output } : { status: 'failed', error: errorToJson(errorAt(end.error, { item })) }
}

function settledItem(end: ItemEnd, item: number): SettledItem {
  if ('output' in end) return { status: 'succeeded', output: end.output }
  return end.started ? { status: 'failed', error: errorAt(end.error, { item }) } : { status: 'cancelled' }
}

function payloadsOf(state: TrackState, step: CompiledStep): readonly unknown[] {
  const { forEach, inputMapper } = step.definition
  const owner = nameOf(state, step)
  const place = placeOf(state, step)
  const { originalInput } = state
  const own = (value: unknown, item: number) => {
    try {
      return copyJson(step.taskName, 'input', withoutBaseFields(value))
    } catch (thrown) {
      throw errorAt(thrown, { ...place, item })
    }
  }
  if (typeof forEach === 'function') {
    const asked = { what: 'forEach', owner, place }
    const inputs = asList(callMapper(asked, () => forEach(state.previousForMapper(), originalInput, state.context)), asked, 'what it returned')
    return Array.from(inputs, own)
  }
  const { previous } = state
  const named = typeof previous === 'object' && previous !== null && Object.hasOwn(previous, forEach!) ? (previous as Record<string, unknown>)[forEach!] : undefined
  const items = asList(named, { what: 'forEach', owner, place }, `"${forEach}" of the previous output`)
  if (!inputMapper) return items.map(withoutBaseFields)
  state.previousForMapper() // freezes the items
  return items.map((item, index) => own(callMapper({ what: 'inputMapper', owner, place: { ...place, item: index } }, () => inputMapper(item, index, originalInput, state.context)), index))
}

function asList(value: unknown, asked: { readonly what: string; readonly owner: string; readonly place: object }, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw mapperFailed(asked, `needs a list, but ${what} is ${value === null ? 'null' : typeof value}.`)
}

const onFailureOf = (step: CompiledStep) => (step.definition.onItemError === 'halt' ? 'stop' : 'continue')

async function eachTask(walk: Walk, state: TrackState, step: CompiledStep, payloads: readonly unknown[], onSettled: () => void): Promise<ItemEnd[]> {
  const callOf = (payload: unknown, item: number) => {
    const refuse = (thrown: unknown) => Promise.reject<TaskCall>(errorAt(thrown, { ...placeOf(state, step), item }))
    try {
      const call = callOfStep(walk, state, step, `${step.segment}[${item}]`, payload)
      return call instanceof Promise ? call.catch(refuse) : call
    } catch (thrown) {
      return refuse(thrown)
    }
  }
  const made = payloads.map(callOf)
  const calls = made.every((call): call is TaskCall => !(call instanceof Promise)) ? made : await Promise.all(made.map((call) => Promise.resolve(call)))
  const outcomes: TaskOutcome[] = await walk.engine.runTasks(calls, { concurrency: step.definition.concurrency, onFailure: onFailureOf(step), onSettled })
  return outcomes.map((outcome) => (outcome.status === 'succeeded' ? { started: true, output: outcome.output, isReused: outcome.isReused } : { started: isStarted(outcome), error: outcome.error }))
}

/** Each item is a track run of its own, so that an engine with child runs can run them side by side. */
async function eachTrack(walk: Walk, state: TrackState, step: CompiledStep, track: CompiledTrack, inputs: readonly unknown[]): Promise<ItemEnd[]> {
  const { runId, runName, walkId, fork, round, deadline, base, signal, ledger } = walk
  const { kept } = state
  const path = `${state.path}/${step.segment}`
  const { name } = track.definition
  const alone = inputs.map(() => [])
  const walkUnder = underSignal({ ...walk, kept })
  const inputOf = (index: number) => inputOfTrack(walk, `${path}[${index}]`, inputs[index])
  const outcomes = await walk.engine.runTracks({
    graph: { names: inputs.map((_, index) => `${name}[${index}]`), dependencies: alone, dependants: alone },
    onTrackFailure: onFailureOf(step),
    concurrency: step.definition.concurrency,
    signal,
    ledger,
    origin: { owner: { kind: 'forEach', name }, runId, runName, walkId, fork, round, deadlineAt: deadline?.at, path, kept, base, inputOf },
    runTrack: (index, _outcomes, under) => trackOutcomeOf(under, () => walk.walkTrack(walkUnder(under), track, inputOf(index), `${path}[${index}]`)),
    skipTrack: () => {},
  })
  const hasFailed = outcomes.some(({ status }) => status === 'failed')
  return outcomes.map((outcome, index) => endOfTrack(outcome, `${name}[${index}]`, step.definition.onItemError === 'halt' && hasFailed))
}

/** `stopped`: after another item's failure. Without one, an item that is cancelled was cancelled by somebody else, and has failed. */
function endOfTrack(outcome: TrackOutcome, name: string, stopped: boolean): ItemEnd {
  try {
    return { started: true, output: openTrackOutcome(outcome, name) }
  } catch (error) {
    return { started: !(stopped && outcome.status === 'cancelled'), error: error as TracksError }
  }
}

function progressOf({ events }: Walk, state: TrackState, step: CompiledStep, itemCount: number) {
  if (!events) return { started: () => {}, settled: () => {} }
  const place = { track: state.track, path: `${state.path}/${step.segment}`, step: step.id, taskName: step.taskName, nested: false }
  let ended = 0
  return {
    started: () => events.emit({ type: 'step.started', itemCount, ...place }, state.kept),
    settled: () => {
      ended++
      if (!events.progress) return
      const note = `${ended} of ${itemCount}`
      events.emit({ type: 'step.progress', fraction: ended / itemCount, note, ...place }, state.kept)
    },
  }
}
