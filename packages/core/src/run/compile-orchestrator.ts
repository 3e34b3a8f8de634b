import { copyJson, createParser, withoutBaseFields, type Parser, type Registry } from '@track-orchestrator/registry'
import { checkOrchestrator } from '../definition/check-orchestrator.ts'
import type { OrchestratorDefinition } from '../definition/definition.ts'
import type { TrackGraph } from '../engine/engine.ts'
import { callMapper } from './call-mapper.ts'
import { deepFreeze } from './deep-freeze.ts'
import type { TrackState } from './track-state.ts'
import { compileStep, compileTrack, firstPlaces, type CompiledStep, type CompiledTrack, type TaskPlace } from './compile-track.ts'

export interface CompiledOrchestrator {
  readonly definition: OrchestratorDefinition
  readonly tracks: readonly CompiledTrack[]
  readonly graph: TrackGraph
  readonly parseInput: Parser | undefined
  readonly finalStep: CompiledStep | undefined
  /** The tasks in it, each where it stands first. */
  readonly tasks: readonly TaskPlace[]
  /** Its own events are kept: see `RunEvent.kept`. */
  readonly kept: boolean
  /** It, or a track of it, is kept: then so are the beginning and the end of its run. */
  readonly keptInside: boolean
}

const compiled = new WeakMap<Registry, WeakMap<OrchestratorDefinition, CompiledOrchestrator>>()

/** Checks a definition against the registry and prepares it, once. Throws `DefinitionError`. Changes to it afterwards are not seen. */
export function compileOrchestrator(registry: Registry, definition: OrchestratorDefinition): CompiledOrchestrator {
  let known = compiled.get(registry)
  if (!known) compiled.set(registry, (known = new WeakMap()))
  const found = known.get(definition)
  if (found) return found
  checkOrchestrator(registry, definition)
  const kept = definition.enableSupabaseLogging === true
  const { finalTask } = definition
  const tracks = definition.tracks.map((track) => compileTrack(registry, track))
  const made: CompiledOrchestrator = {
    definition,
    kept,
    keptInside: kept || tracks.some(({ keptInside }) => keptInside),
    tracks,
    tasks: firstPlaces([...tracks.map((track) => track.tasks), finalTask ? [{ track: definition.name, step: finalTask.taskName, taskName: finalTask.taskName }] : []]),
    graph: graphOf(definition),
    parseInput: definition.input && createParser(definition.input, definition.name, 'input', { crosses: true }),
    finalStep: definition.finalTask && compileFinalStep(registry, definition.finalTask),
  }
  known.set(definition, made)
  return made
}

function graphOf({ tracks, trackDependencies = {} }: OrchestratorDefinition): TrackGraph {
  const names = tracks.map(({ name }) => name)
  const numbers = new Map(names.map((name, number) => [name, number]))
  const dependants: number[][] = names.map(() => [])
  const dependencies = names.map((name, number) => {
    const waitsFor = [...new Set(Object.hasOwn(trackDependencies, name) ? trackDependencies[name] : [])].map((dependency) => numbers.get(dependency)!)
    for (const dependency of waitsFor) dependants[dependency]!.push(number)
    return waitsFor
  })
  return { names, dependencies, dependants }
}

/** The final task as a step. Its mapper sees the tracks' outputs by name as they are, where another step's sees an output with trampData on it. */
function compileFinalStep(registry: Registry, { inputMapper, ...finalTask }: NonNullable<OrchestratorDefinition['finalTask']>): CompiledStep {
  const { taskName } = finalTask
  const map =
    inputMapper &&
    ((state: TrackState) => {
      const asked = { what: 'inputMapper', owner: `the final task ${taskName}`, place: { track: state.track, step: taskName, taskName } }
      return copyJson(taskName, 'input', withoutBaseFields(callMapper(asked, () => inputMapper(deepFreeze(state.previous), state.originalInput))))
    })
  return compileStep(registry, finalTask, `final:${taskName}`, map)
}
