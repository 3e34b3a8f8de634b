import type { CompositeTrackDefinition, OrchestratorDefinition, Prices, RunLimits, RunLog, TrackDefinition } from '@track-orchestrator/core'
import { checkPricedTasks, compileOrchestrator, compileTrack, handlersByName, pricesRule, runLimitsRule } from '@track-orchestrator/core/engine'
import { checkRegistry, checkInline, DefinitionError, type BaseFields, type Registry, type TaskContract, type TaskHandler, type TaskHandlers } from '@track-orchestrator/registry'
import { adviceOnName, aFunction, anything, checkOptions, durationMs, listOf, madeBy, objectWith, recordOf, required, text, wholeNumber } from '@track-orchestrator/registry/options'
import { ClaimCheck, type PayloadStore } from './crossing/claim-check.ts'
import { laneTask } from './engine/make-item.ts'
import { hasOwnPlace, widthsOf } from './engine/width-queue.ts'
import { limitsOf, limitStyleFor, type Limits } from './limits.ts'
import { checkOverride, type Overrides } from './overrides.ts'

/** A track or orchestrator that was triggered, not one inside another, and has succeeded. */
export interface SucceededRun extends BaseFields {
  readonly name: string
  readonly runId: string
  /** The runs that this one resumes, the oldest first: what they have left behind is no longer needed either. */
  readonly earlierRuns: readonly string[]
  readonly output: unknown
}

/** What every process of a worker knows: the definitions, and who does the tasks. Only data crosses between processes. */
export interface World {
  /** Every contract as it is placed: what `overrides` say of it has been put in. */
  readonly registry: Registry
  /** Absent where this process was not told who does the tasks. */
  readonly handlerOf: ((taskName: string) => TaskHandler | undefined) | undefined
  /** Every track by its name, those inside others as well. */
  readonly tracks: ReadonlyMap<string, TrackDefinition>
  readonly orchestrators: ReadonlyMap<string, OrchestratorDefinition>
  readonly overrides: ReadonlyMap<string, Overrides>
  readonly logs: readonly RunLog[]
  readonly claims: ClaimCheck
  readonly limits: Limits
  /** As the option says; 0 where nothing can need lanes. */
  readonly mostLanes: number
  readonly graceMs: number
  readonly flushMs: number | undefined
  readonly prices: Prices | undefined
  readonly runLimits: RunLimits | undefined
  readonly onSuccess: ((run: SucceededRun) => Promise<void>) | undefined
}

export interface WorldOptions<R extends Registry = Registry> {
  readonly registry: R
  readonly handlers?: Partial<TaskHandlers<R>>
  readonly tracks?: readonly TrackDefinition[]
  readonly orchestrators?: readonly OrchestratorDefinition[]
  /** By the name of a task, track or orchestrator: wins over the contract. Throws `DefinitionError` for a name that there is not, and for what has no effect. */
  readonly overrides?: Readonly<Record<string, Overrides>>
  /** Where events go, beside Trigger.dev's own logger. */
  readonly logs?: readonly RunLog[]
  /** Where inputs and outputs lie that are too big to travel between runs. */
  readonly payloadStore?: PayloadStore
  /** JSON of more bytes goes into the payload store. From 0 to 3,145,728; default 65,536. */
  readonly inlineLimitBytes?: number
  /** How long a cancelled or timed-out handler may take to tidy up, in milliseconds. Default 5,000. */
  readonly graceMs?: number
  /**
   * How long a run may wait at its end for `logs`, in milliseconds: until then what they hold is sent beside the work, and nobody waits for a
   * log that is known to be away. Default 2,000.
   */
  readonly flushMs?: number
  /**
   * A bounded fan-out that no queue of its own can bound (`concurrency` over tracks, or over tasks with a queue or concurrency key of their own)
   * goes through lanes: small runs beside the items', as many as go on at once, so that as one item ends the next begins. A lane that waits holds a
   * slot as every run does where there are no checkpoints. Where `concurrency` is above this, and with 0 always, such items go in waves. From 0 to
   * 100; default 8.
   */
  readonly mostLanes?: number
  /**
   * The version of the Trigger.dev server, such as `4.7.7`. From 4.7 on, what may go on at once is declared as limits of tasks, as that server
   * has them; do not name a version that the server does not have, for an earlier one passes over them. Default: as limits of queues, which
   * every server since 4.4 heeds.
   */
  readonly serverVersion?: string
  /** What units cost that handlers report (`context.cost`): costs are told in the currency as well. Default: in their own units alone. */
  readonly prices?: Prices
  /**
   * How much each run may spend. Default: no limit. What is begun at once, items of a step and tracks side by side, does not see what the others
   * pay: there a limit holds as far as contracts say what calls are going to cost, and as far as what has ended tells.
   */
  readonly limits?: RunLimits
  /**
   * Called when a run of `createTriggerWorker` has succeeded, before its output is handed in: to clean up after it. What it throws is a
   * warning in the run's log, and changes nothing. May be called again for the same run, where its process dies in between.
   */
  readonly onSuccess?: (run: SucceededRun) => Promise<void>
}

/** Checks the options, and collects every definition, those inside others as well. Throws `DefinitionError` where two of them, or one and a task, share a name. */
export function createWorld<R extends Registry>(owner: string, options: WorldOptions<R>): World {
  const checked = checkOptions<WorldOptions<R>>(owner, options, {
    registry: required(madeBy('defineRegistry({ … })')),
    handlers: objectWith(),
    tracks: listOf(anything),
    orchestrators: listOf(anything),
    overrides: recordOf(objectWith()),
    logs: listOf(madeBy('createSupabaseLog({ url, key })', 'write', 'flush')),
    payloadStore: objectWith('put', 'get'),
    inlineLimitBytes: wholeNumber({ from: 0, to: 3 * 1024 * 1024 }),
    graceMs: durationMs(),
    flushMs: durationMs(),
    mostLanes: wholeNumber({ from: 0, to: 100 }),
    serverVersion: text(),
    prices: pricesRule,
    limits: runLimitsRule,
    onSuccess: aFunction,
  })
  const { registry, handlers, overrides = {}, logs = [], payloadStore, inlineLimitBytes, graceMs = 5_000, flushMs, mostLanes = 8, prices, limits: runLimits, onSuccess } = checked
  checkRegistry(`${owner}: registry`, registry)
  checkPricedTasks(owner, registry, prices)
  // What is no definition is told as such, before anything looks into it.
  for (const track of checked.tracks ?? []) compileTrack(registry, track)
  for (const orchestrator of checked.orchestrators ?? []) compileOrchestrator(registry, orchestrator)
  const tracks = collectTracks([...(checked.tracks ?? []), ...(checked.orchestrators ?? []).flatMap((orchestrator) => orchestrator.tracks)])
  const orchestrators = collectOrchestrators(checked.orchestrators ?? [])
  for (const name of [...tracks.keys(), ...orchestrators.keys()]) if (Object.hasOwn(registry, name)) throw doubled(name, 'a task and a track or orchestrator')
  const taken = (name: string) => Object.hasOwn(registry, name) || tracks.has(name) || orchestrators.has(name)
  if (taken(laneTask)) throw doubled(laneTask, 'the lanes of fan-outs and something else')
  for (const { name, schedule } of [...tracks.values(), ...orchestrators.values()]) if (schedule && taken(`${name}-schedule`)) throw doubled(`${name}-schedule`, `the schedule of ${name} and something else`)
  for (const name of orchestrators.keys()) if (tracks.has(name)) throw doubled(name, 'a track and an orchestrator')
  const placed = new Map<string, Overrides>()
  for (const [name, override] of Object.entries(overrides)) {
    const isTask = Object.hasOwn(registry, name)
    if (!isTask && !tracks.has(name) && !orchestrators.has(name)) {
      throw new DefinitionError(`${owner}: overrides.${name}: there is no such task, track or orchestrator. ${adviceOnName(name, [...Object.keys(registry), ...tracks.keys(), ...orchestrators.keys()])}`)
    }
    placed.set(name, checkOverride(`${owner}: overrides.${name}`, override, isTask ? 'task' : tracks.has(name) ? 'track' : 'orchestrator'))
  }
  const registered = placedRegistry(owner, registry, placed)
  const style = limitStyleFor(owner, checked.serverVersion)
  return {
    registry: registered,
    handlerOf: handlers && handlersByName(handlers),
    overrides: placed,
    tracks,
    orchestrators,
    logs,
    claims: new ClaimCheck({ payloadStore, inlineLimitBytes }),
    limits: limitsOf(owner, style, widthsOf(tracks.values()), [...placed, ...Object.values<TaskContract>(registered).map(({ name, placement }) => [name, placement ?? {}] as const)]),
    mostLanes: mayNeedLanes(registered, tracks.values(), placed) ? mostLanes : 0,
    graceMs,
    flushMs,
    prices,
    runLimits,
    onSuccess,
  }
}

/** Whether something may be bounded that no queue of ours can bound. What handlers ask for is not known. */
function mayNeedLanes(registry: Registry, tracks: Iterable<TrackDefinition>, overrides: ReadonlyMap<string, Overrides>): boolean {
  const isBounded = (track: TrackDefinition) => ((track as Partial<CompositeTrackDefinition>).concurrency ?? 1) > 1 || track.tasks.some((step) => step.track && (step.concurrency ?? 1) > 1)
  return Object.values<TaskContract>(registry).some((contract) => hasOwnPlace(contract, overrides)) || [...tracks].some(isBounded)
}

function collectTracks(given: readonly TrackDefinition[]): Map<string, TrackDefinition> {
  const byName = new Map<string, TrackDefinition>()
  const pending = [...given]
  for (let track = pending.pop(); track; track = pending.pop()) {
    const known = byName.get(track.name)
    if (known === track) continue
    if (known) throw doubled(track.name, 'two tracks')
    byName.set(track.name, track)
    pending.push(...((track as Partial<CompositeTrackDefinition>).subTracks ?? []), ...track.tasks.flatMap((step) => (step.track ? [step.track] : [])))
  }
  return byName
}

function collectOrchestrators(given: readonly OrchestratorDefinition[]): Map<string, OrchestratorDefinition> {
  const byName = new Map<string, OrchestratorDefinition>()
  for (const orchestrator of given) {
    if (byName.has(orchestrator.name)) throw doubled(orchestrator.name, 'two orchestrators')
    byName.set(orchestrator.name, orchestrator)
  }
  return byName
}

/** Whoever calls a task reads its contract: so what is overridden stands there. */
function placedRegistry(owner: string, registry: Registry, overrides: ReadonlyMap<string, Overrides>): Registry {
  return Object.fromEntries(Object.entries<TaskContract>(registry).map(([key, contract]) => {
    if (contract.placement) checkOverride(`${owner}: the placement of ${key}`, contract.placement, 'task')
    const override = overrides.get(contract.name)
    if (!override) return [key, contract]
    const { retry, ttlSeconds: _ttlSeconds, concurrency: _concurrency, ...own } = override
    const placement = { ...contract.placement, ...own }
    checkInline(`${owner}: overrides.${contract.name}`, placement)
    return [key, { ...contract, placement, retry: { ...contract.retry, ...retry } }]
  }))
}

function doubled(name: string, who: string): DefinitionError {
  return new DefinitionError(`${who} are called ${name}. On Trigger.dev each is a task by its name: rename one.`)
}
