import type { CompositeTrackDefinition, OrchestratorDefinition, RunLog, TrackDefinition } from '@track-orchestrator/core'
import { handlersByName } from '@track-orchestrator/core/engine'
import { DefinitionError, type BaseFields, type Registry, type RetryPolicy, type TaskContract, type TaskHandler, type TaskHandlers, type TaskPlacement } from '@track-orchestrator/registry'
import { ClaimCheck, type PayloadStore } from './claim-check.ts'

/** What may be said of a task, track or orchestrator beside what its contract says. */
export interface Overrides extends TaskPlacement {
  readonly retry?: RetryPolicy
}

/** A track or orchestrator that was triggered, not one inside another, and has succeeded. */
export interface SucceededRun extends BaseFields {
  readonly name: string
  readonly runId: string
  readonly output: unknown
}

/** What every process of a worker knows: the definitions, and who does the tasks. Only data crosses between processes. */
export interface World {
  /** Every contract as it is placed: what `overrides` say of it has been put in. */
  readonly registry: Registry
  /** Does the task of that name; none where this worker was given none. */
  readonly handlerOf: (taskName: string) => TaskHandler | undefined
  /** Every track by its name, those inside others as well. */
  readonly tracks: ReadonlyMap<string, TrackDefinition>
  readonly orchestrators: ReadonlyMap<string, OrchestratorDefinition>
  readonly overrides: Readonly<Record<string, Overrides>>
  readonly logs: readonly RunLog[]
  readonly claims: ClaimCheck
  readonly graceMs: number
  readonly onSuccess: ((run: SucceededRun) => Promise<void>) | undefined
}

export interface WorldOptions<R extends Registry = Registry> {
  readonly registry: R
  readonly handlers?: Partial<TaskHandlers<R>>
  readonly tracks?: readonly TrackDefinition[]
  readonly orchestrators?: readonly OrchestratorDefinition[]
  /** By the name of a task, track or orchestrator: wins over the contract. Throws `DefinitionError` for a name that there is not. */
  readonly overrides?: Readonly<Record<string, Overrides>>
  /** Where events go, beside Trigger.dev's own logger. */
  readonly logs?: readonly RunLog[]
  /** Where inputs and outputs lie that are too big to travel between runs. */
  readonly payloadStore?: PayloadStore
  /** JSON of more bytes goes into the payload store. Default 65,536. */
  readonly inlineLimitBytes?: number
  /** How long a cancelled or timed-out handler may take to tidy up, in milliseconds. Default 5,000. */
  readonly graceMs?: number
  /**
   * Called when a run of `createTriggerWorker` has succeeded, before its output is handed in: to clean up after it. What it throws is a
   * warning in the run's log, and changes nothing. May be called again for the same run, where its process dies in between.
   */
  readonly onSuccess?: (run: SucceededRun) => Promise<void>
}

/** Collects every definition, those inside others as well. Throws `DefinitionError` where two of them, or one and a task, share a name. */
export function createWorld<R extends Registry>(options: WorldOptions<R>): World {
  const { registry, handlers = {}, tracks = [], orchestrators = [], overrides = {}, logs = [], payloadStore, inlineLimitBytes, graceMs = 5_000, onSuccess } = options
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
  for (const name of Object.keys(overrides)) {
    if (!(name in registry || byName.has(name) || orchestratorsByName.has(name))) throw new DefinitionError(`overrides name ${name}, but there is no such task, track or orchestrator.`)
  }
  const claims = new ClaimCheck({ payloadStore, inlineLimitBytes })
  return { registry: placedRegistry(registry, overrides), overrides, handlerOf: handlersByName(handlers), tracks: byName, orchestrators: orchestratorsByName, logs, claims, graceMs, onSuccess }
}

/** Whoever calls a task reads its contract: so what is overridden stands there. */
function placedRegistry(registry: Registry, overrides: Readonly<Record<string, Overrides>>): Registry {
  return Object.fromEntries(Object.entries<TaskContract>(registry).map(([key, contract]) => {
    const override = overrides[contract.name]
    if (!override) return [key, contract]
    const { retry, ...placement } = override
    return [key, { ...contract, placement: { ...contract.placement, ...placement }, retry: { ...contract.retry, ...retry } }]
  }))
}

function doubled(name: string, who: string): DefinitionError {
  return new DefinitionError(`${who} are called ${name}. On Trigger.dev each is a task by its name: rename one.`)
}
