import type { Registry } from '@track-orchestrator/registry'
import type { OrchestratorDefinition, TrackDefinition, TrackTaskDefinition } from '../definition/definition.ts'
import { compileOrchestrator } from './compile-orchestrator.ts'
import { compileTrack, type CompiledStep, type CompiledTrack } from './compile-track.ts'

/** What a definition is made of, by the paths that its steps have in every run: for pictures, and for what stands beside a run. Plain JSON. */
export type Outline = OrchestratorOutline | TrackOutline

export interface OrchestratorOutline {
  readonly kind: 'orchestrator'
  readonly path: string
  readonly name: string
  readonly tracks: readonly TrackOutline[]
  /** By the names of tracks: which tracks each waits for. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>
  readonly finalStep?: StepOutline
}

export interface TrackOutline {
  readonly kind: 'track'
  readonly path: string
  readonly name: string
  /** It is a step that runs once for each item: each has the outline at a path with its number, `each[3]`. */
  readonly repeats?: boolean
  /** It is a step that runs again until that is enough: each time has the outline at a path with its number, `refine[3]`. */
  readonly again?: boolean
  /** One after the other. A step may be a track. */
  readonly steps: readonly (StepOutline | TrackOutline)[]
  /** Of a composite track: side by side, after the steps. */
  readonly subTracks?: readonly TrackOutline[]
}

export interface StepOutline {
  readonly kind: 'step'
  readonly path: string
  readonly step: string
  readonly taskName: string
  /** It runs once for each item. */
  readonly repeats?: boolean
  /** It asks for an answer. */
  readonly asks?: boolean
  /** Its `when` may skip it. */
  readonly conditional?: boolean
  /** It runs nothing, and waits for a time (`waitMs`, `waitUntil`). */
  readonly waits?: boolean
}

/** The outline of a track or an orchestrator. Throws `DefinitionError` where the definition does not fit the registry. */
export function outlineOf(definition: TrackDefinition | OrchestratorDefinition, registry: Registry): Outline {
  if (!('tracks' in definition)) return outlineOfTrack(compileTrack(registry, definition), definition.name)
  const { tracks, graph, finalStep } = compileOrchestrator(registry, definition)
  const { name } = definition
  return {
    kind: 'orchestrator',
    path: name,
    name,
    tracks: tracks.map((track) => outlineOfTrack(track, `${name}/${track.definition.name}`)),
    dependencies: Object.fromEntries(graph.names.map((track, index) => [track, graph.dependencies[index]!.map((dependency) => graph.names[dependency]!)])),
    ...(finalStep && { finalStep: outlineOfStep(finalStep, name) }),
  }
}

function outlineOfTrack({ definition, steps, composite }: CompiledTrack, path: string, { forEach, repeat }: Partial<TrackTaskDefinition> = {}): TrackOutline {
  return {
    kind: 'track',
    path,
    name: definition.name,
    ...(forEach !== undefined && { repeats: true }),
    ...(repeat && { again: true }),
    steps: steps.map((step) => (step.track ? outlineOfTrack(step.track, `${path}/${step.segment}`, step.definition) : outlineOfStep(step, path))),
    ...(composite && { subTracks: composite.subTracks.map((track) => outlineOfTrack(track, `${path}/${track.definition.name}`)) }),
  }
}

function outlineOfStep({ segment, id, taskName, definition, waits, asks }: CompiledStep, path: string): StepOutline {
  return { kind: 'step', path: `${path}/${segment}`, step: id, taskName, ...(definition.forEach !== undefined && { repeats: true }), ...(asks && { asks }), ...(definition.when && { conditional: true }), ...(waits && { waits: true }) }
}
