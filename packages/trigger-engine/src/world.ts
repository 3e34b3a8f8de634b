import type { CompositeTrackDefinition, OrchestratorDefinition, RunLog, TrackDefinition } from '@track-orchestrator/core'
import { DefinitionError, type Registry, type TaskHandlers } from '@track-orchestrator/registry'
import { ClaimCheck, type PayloadStore } from './claim-check.ts'

/** What every process of a worker knows: the definitions, and who does the tasks. Only data crosses between processes. */
export interface World {
  readonly registry: Registry
  readonly handlers: Partial<TaskHandlers>
  /** Every track by its name, those inside others as well. */
  readonly tracks: ReadonlyMap<string, TrackDefinition>
  readonly orchestrators: ReadonlyMap<string, OrchestratorDefinition>
  readonly logs: readonly RunLog[]
  readonly claims: ClaimCheck
  readonly graceMs: number
}

export interface WorldOptions<R extends Registry = Registry> {
  readonly registry: R
  readonly handlers?: Partial<TaskHandlers<R>>
  readonly tracks?: readonly TrackDefinition[]
  readonly orchestrators?: readonly OrchestratorDefinition[]
  /** Where events go, beside Trigger.dev's own logger. */
  readonly logs?: readonly RunLog[]
  /** Where inputs and outputs lie that are too big to travel between runs. */
  readonly payloadStore?: PayloadStore
  /** JSON of more bytes goes into the payload store. Default 65,536. */
  readonly inlineLimitBytes?: number
  /** How long a cancelled or timed-out handler may take to tidy up, in milliseconds. Default 5,000. */
  readonly graceMs?: number
}

/** Collects every definition, those inside others as well. Throws `DefinitionError` where two of them, or one and a task, share a name. */
export function createWorld<R extends Registry>(options: WorldOptions<R>): World {
  const { registry, handlers = {}, tracks = [], orchestrators = [], logs = [], payloadStore, inlineLimitBytes, graceMs = 5_000 } = options
  const byName = new Map<string, TrackDefinition>()
  const pending = [...tracks, ...orchestrators.flatMap((orchestrator) => orchestrator.tracks)]
  for (let track = pending.pop(); track; track = pending.pop()) {
    const known = byName.get(track.name)
    if (known === track) continue
    if (known) throw doubled(track.name, 'two tracks')
    byName.set(track.name, track)
    pending.push(...((track as Partial<CompositeTrackDefinition>).subTracks ?? []), ...track.tasks.flatMap((step) => (step.track ? [step.track] : [])))
  }
  const orchestratorsByName = new Map<string, OrchestratorDefinition>()
  for (const orchestrator of orchestrators) {
    if (orchestratorsByName.has(orchestrator.name)) throw doubled(orchestrator.name, 'two orchestrators')
    orchestratorsByName.set(orchestrator.name, orchestrator)
  }
  for (const name of [...byName.keys(), ...orchestratorsByName.keys()]) if (name in registry) throw doubled(name, 'a task and a track or orchestrator')
  for (const name of orchestratorsByName.keys()) if (byName.has(name)) throw doubled(name, 'a track and an orchestrator')
  const claims = new ClaimCheck({ payloadStore, inlineLimitBytes })
  return { registry, handlers, tracks: byName, orchestrators: orchestratorsByName, logs, claims, graceMs }
}

function doubled(name: string, who: string): DefinitionError {
  return new DefinitionError(`${who} are called ${name}. On Trigger.dev each is a task by its name: rename one.`)
}
