import type { OrchestratorDefinition, TrackDefinition } from '@track-orchestrator/core'
import type { Registry, TaskContract } from '@track-orchestrator/registry'
import { compileOrchestrator, compileTrack, type CompiledStep, type CompiledTrack } from '@track-orchestrator/core/engine'
import { task, type Task } from '@trigger.dev/sdk'
import { laneTask } from './engine/make-item.ts'
import { declareWidths } from './engine/width-queue.ts'
import { inputSchemaOf, payloadSchema, type PayloadSchema } from './json-schema.ts'
import { limited } from './limits.ts'
import { placed, retryOf, walkerRetry } from './registration.ts'
import { pauseLimits, resumeLimits } from './runs/limits.ts'
import { runLane } from './runs/run-lane.ts'
import { retryTask } from './runs/retry-task.ts'
import { runTaskRun } from './runs/run-task.ts'
import type { TriggerContext } from './runs/open-run.ts'
import { registerSchedule, scheduleTaskOf } from './runs/run-schedule.ts'
import { cancelWalk, runWalk } from './runs/run-walk.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

type Registered = Task<string, any>

export interface TriggerWorkerOptions<R extends Registry> extends WorldOptions<R> {
  readonly handlers: Partial<WorldOptions<R>['handlers']> & NonNullable<WorldOptions<R>['handlers']>
}

/**
 * Registers every task, track and orchestrator as a Trigger.dev task of its name. Call it in a file that `trigger.config.ts` finds
 * (`dirs`); nothing has to be exported. Throws `DefinitionError` for what cannot run. Gives the Trigger.dev tasks by their names.
 */
export function createTriggerWorker<const R extends Registry>(options: TriggerWorkerOptions<R>): Readonly<Record<string, Registered>> {
  const world = createWorld('createTriggerWorker', options)
  declareWidths(world.limits)
  const registered: [string, Registered][] = []
  for (const contract of Object.values<TaskContract>(world.registry)) registered.push([contract.name, registerTask(world, contract)])
  for (const [name, track] of world.tracks) {
    const compiled = compileTrack(world.registry, track)
    registered.push([name, registerWalk(world, name, payloadSchema(inputSchemaOf(world.registry, track)), hasClocks(world, stepsOf(compiled)))], ...scheduled(track))
  }
  for (const [name, orchestrator] of world.orchestrators) {
    const { finalStep } = compileOrchestrator(world.registry, orchestrator)
    registered.push([name, registerWalk(world, name, payloadSchema(orchestrator.input), hasClocks(world, finalStep ? [finalStep] : []))], ...scheduled(orchestrator))
  }
  if (world.mostLanes > 0) registered.push([laneTask, registerLanes(world)])
  return Object.fromEntries(registered)
}

const scheduled = ({ name, schedule }: TrackDefinition | OrchestratorDefinition): [string, Registered][] => (schedule ? [[scheduleTaskOf(name), registerSchedule(name, schedule)]] : [])

function registerTask(world: World, contract: TaskContract): Registered {
  const { name, description, placement, retry } = contract
  const { ttlSeconds, concurrency } = world.overrides.get(name) ?? {}
  return task({
    id: name,
    ...(description !== undefined && { description }),
    jsonSchema: payloadSchema(contract.input),
    ...placed({ ...placement, ...(ttlSeconds !== undefined && { ttlSeconds }) }),
    ...limited(world.limits, { ...placement, ...(concurrency && { concurrency }) }),
    retry: retryOf({ ...retry }),
    run: (payload: unknown, { ctx, signal }) => runTaskRun(world, contract, payload, ctx, signal),
    ...clocks,
    catchError: ({ payload, error, ctx, retryDelayInMs }) => retryTask(world, contract, { payload, context: ctx, thrown: error, isLast: retryDelayInMs === undefined }),
  }) as Registered
}

const clocks = {
  onWait: ({ ctx }: { readonly ctx: TriggerContext }) => pauseLimits(ctx.run.id),
  onResume: ({ ctx }: { readonly ctx: TriggerContext }) => resumeLimits(ctx.run.id),
}

/** The steps that the run of a track may walk by itself. */
function stepsOf({ steps, composite }: CompiledTrack): CompiledStep[] {
  return [...steps, ...steps.flatMap(({ track }) => (track ? stepsOf(track) : [])), ...(composite?.subTracks ?? []).flatMap(stepsOf)]
}

/**
 * Whether a task inside the run of such steps may have a time limit, its own or that of a task that it asks for. Where none has, the run
 * does without hooks: each of them costs every wait two spans, which in development are four requests.
 */
function hasClocks({ registry }: World, steps: readonly CompiledStep[]): boolean {
  const inline = steps.filter((step) => step.inline)
  return inline.some(({ timeoutMs }) => timeoutMs !== undefined) || (inline.length > 0 && Object.values<TaskContract>(registry).some(({ placement, timeoutMs }) => placement?.inline === true && timeoutMs !== undefined))
}

function registerWalk(world: World, name: string, jsonSchema: PayloadSchema, withClocks: boolean): Registered {
  return task({
    id: name,
    jsonSchema,
    ...placed(world.overrides.get(name) ?? {}),
    ...limited(world.limits, world.overrides.get(name) ?? {}),
    retry: retryOf(walkerRetry),
    ...(withClocks && clocks),
    run: (payload: unknown, { ctx, signal }) => runWalk(world, name, payload, ctx, signal),
    onCancel: ({ ctx }) => cancelWalk(world, name, ctx),
  }) as Registered
}

/** Started by fan-outs alone: see `LaneTicket`. */
function registerLanes(world: World): Registered {
  return task({
    id: laneTask,
    description: 'Starts items of a forEach or runTasks, one after the other. Started by runs alone.',
    jsonSchema: payloadSchema(undefined),
    retry: retryOf(walkerRetry),
    run: (payload: unknown, { ctx, signal }) => runLane(world, payload, ctx, signal),
  }) as Registered
}
