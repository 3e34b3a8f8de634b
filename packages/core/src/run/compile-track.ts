import { copyJson, createParser, parsersOf, withoutBaseFields, type Parser, type Registry, type RetryPolicy, type TaskContract } from '@track-orchestrator/registry'
import { checkTrack } from '../definition/check-track.ts'
import { isApproval, isComposite, isWait, runsOf, type CompositeTrackDefinition, type TrackDefinition, type TrackTaskDefinition } from '../definition/definition.ts'
import type { TrackGraph } from '../engine/engine.ts'
import { approvalContract } from '../engine/approval.ts'
import { waitContract } from '../engine/wait-call.ts'
import { callMapper } from './call-mapper.ts'
import type { TrackState } from './track-state.ts'

/** A definition with everything looked up that does not change from run to run. */
export interface CompiledTrack {
  readonly definition: TrackDefinition
  readonly parseInput: Parser | undefined
  readonly steps: readonly CompiledStep[]
  /** The ids of the steps, in order. */
  readonly ids: readonly string[]
  readonly composite: CompiledComposite | undefined
  /** Its own events are kept: see `RunEvent.kept`. */
  readonly kept: boolean
  /** The tasks in it, those of tracks inside too, each where it stands first. */
  readonly tasks: readonly TaskPlace[]
  /** It, or a track inside it, is kept: then so are the beginning and the end of its run. */
  readonly keptInside: boolean
}

/** A task, and a step that runs it. */
export interface TaskPlace {
  readonly track: string
  readonly step: string
  readonly taskName: string
}

export interface CompiledStep {
  readonly definition: TrackTaskDefinition
  readonly id: string
  readonly taskName: string
  /** Its part of the path: `convert_json_to_srt`. */
  readonly segment: string
  /** Absent for a step that is a track. */
  readonly contract: TaskContract | undefined
  readonly parseInput: Parser | undefined
  readonly parseOutput: Parser | undefined
  readonly track: CompiledTrack | undefined
  /** It waits: see `waitMs`. */
  readonly waits: boolean
  /** It asks for an answer: see `approve`. */
  readonly asks: boolean
  /** It makes nothing of its own: what came before it is handed on. */
  readonly passes: boolean
  /** Makes the step's input, without base fields, as JSON of its own; absent where what the step before handed on goes in as it is, and for a `forEach`, which maps its items. */
  readonly map: ((state: TrackState) => unknown) | undefined
  readonly retry: RetryPolicy | undefined
  readonly timeoutMs: number | undefined
  /** See `TaskCall.inline`. */
  readonly inline: boolean
  /** One call of a task: no `forEach`, `when`, `onError`, wait, question or nested track. */
  readonly plain: boolean
}

export interface CompiledComposite {
  readonly definition: CompositeTrackDefinition
  readonly subTracks: readonly CompiledTrack[]
  readonly graph: TrackGraph
}

const compiled = new WeakMap<Registry, WeakMap<TrackDefinition, CompiledTrack>>()

/** Checks a definition against the registry and prepares it, once. Throws `DefinitionError`. Changes to it afterwards are not seen. */
export function compileTrack(registry: Registry, definition: TrackDefinition): CompiledTrack {
  const known = compiled.get(registry)?.get(definition)
  if (known) return known
  checkTrack(registry, definition) // and with it every track inside
  return prepare(registry, definition)
}

function prepare(registry: Registry, definition: TrackDefinition): CompiledTrack {
  let known = compiled.get(registry)
  if (!known) compiled.set(registry, (known = new WeakMap()))
  const found = known.get(definition)
  if (found) return found
  const steps = definition.tasks.map((step) => compileStep(registry, step, segmentOf(definition, step)))
  const kept = definition.enableSupabaseLogging === true
  const composite = isComposite(definition) ? prepareComposite(registry, definition) : undefined
  const places = steps.map(({ id, taskName, track, waits, asks }) => track?.tasks ?? (waits || asks ? [] : [{ track: definition.name, step: id, taskName }]))
  const made: CompiledTrack = {
    definition,
    tasks: firstPlaces([...places, ...(composite?.subTracks ?? []).map(({ tasks }) => tasks)]),
    kept,
    keptInside: kept || [...steps.flatMap(({ track }) => track ?? []), ...(composite?.subTracks ?? [])].some(({ keptInside }) => keptInside),
    parseInput: definition.input && createParser(definition.input, definition.name, 'input', { crosses: true }),
    steps,
    ids: steps.map(({ id }) => id),
    composite,
  }
  known.set(definition, made)
  return made
}

/**
 * A step's part of the path, by which it is remembered: its id, not its number, so that a step that is put before others leaves theirs as
 * it was. Where a sub-track of the same composite track bears that name as well, with a mark that no name may have.
 */
function segmentOf(definition: TrackDefinition, step: TrackTaskDefinition): string {
  const name = step.id ?? runsOf(step)
  return isComposite(definition) && definition.subTracks.some((sub) => sub.name === name) ? `#${name}` : name
}

/** Of several lists of places, the first of each task. */
export function firstPlaces(lists: readonly (readonly TaskPlace[])[]): TaskPlace[] {
  const byTask = new Map<string, TaskPlace>()
  for (const list of lists) for (const place of list) if (!byTask.has(place.taskName)) byTask.set(place.taskName, place)
  return [...byTask.values()]
}

/** Looks up what a step needs. `segment`: its part of the path. `map`: makes its input, if its `inputMapper` does not. */
export function compileStep(registry: Registry, definition: TrackTaskDefinition, segment: string, map = mapOf(definition)): CompiledStep {
  const { forEach, when, onError, track, timeoutMs, placement } = definition
  const waits = isWait(definition)
  const asks = isApproval(definition)
  const taskName = runsOf(definition)
  const id = definition.id ?? taskName
  const contract = track ? undefined : waits ? waitContract : asks ? approvalContract(definition) : registry[taskName]
  const parsers = contract && parsersOf(contract)
  return {
    definition,
    id,
    taskName,
    segment,
    contract,
    parseInput: parsers?.input,
    parseOutput: parsers?.output,
    track: track && prepare(registry, track),
    waits,
    asks,
    passes: waits || (asks && definition.schema === undefined),
    map,
    retry: definition.retry ? { ...contract?.retry, ...said(definition.retry) } : contract?.retry,
    timeoutMs: timeoutMs ?? contract?.timeoutMs,
    inline: placement?.inline ?? contract?.placement?.inline ?? false,
    plain: !track && !waits && !asks && forEach === undefined && when === undefined && (onError ?? 'halt') === 'halt',
  }
}

/** What a policy says: `undefined` says nothing, and must not hide what the contract says. */
function said(policy: RetryPolicy): RetryPolicy {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined))
}

function mapOf({ inputMapper, forEach, id, track, taskName }: TrackTaskDefinition): CompiledStep['map'] {
  if (!inputMapper || forEach !== undefined) return undefined
  const step = id ?? track?.name ?? taskName
  const name = track?.name ?? taskName
  return (state) => {
    const asked = { what: 'inputMapper', owner: `step ${step} of ${state.track}`, place: { track: state.track, step, taskName: name } }
    return copyJson(name, 'input', withoutBaseFields(callMapper(asked, () => inputMapper(state.previousForMapper(), state.originalInput, state.context))))
  }
}

function prepareComposite(registry: Registry, definition: CompositeTrackDefinition): CompiledComposite {
  const subTracks = definition.subTracks.map((track) => prepare(registry, track))
  const alone = subTracks.map(() => [])
  return { definition, subTracks, graph: { names: definition.subTracks.map(({ name }) => name), dependencies: alone, dependants: alone } }
}
