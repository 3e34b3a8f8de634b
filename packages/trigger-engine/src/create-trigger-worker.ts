import { defaultRetry, type Registry, type RetryPolicy, type TaskContract, type TaskPlacement } from '@track-orchestrator/registry'
import { errorToJson, parseBaseFields, toTracksError } from '@track-orchestrator/registry'
import { logger, metadata, task, type Task } from '@trigger.dev/sdk'
import { compileOrchestrator, compileTrack } from '@track-orchestrator/core/engine'
import type { OrchestratorDefinition } from '@track-orchestrator/core'
import { runnerOf, type TriggerRunContext } from './create-runner.ts'
import { inputSchemaOf, payloadSchema, type PayloadSchema } from './json-schema.ts'
import { runTaskRun, delayOfRetry } from './run-task.ts'
import { runTrackTicket } from './run-track.ts'
import { toTriggerError } from './trigger-error.ts'
import { resumedWalk } from './resumed-walk.ts'
import { openPayload } from './wire.ts'
import { createWorld, type Overrides, type SucceededRun, type World, type WorldOptions } from './world.ts'

type Registered = Task<string, any>
type TriggerTaskOptions = Parameters<typeof task>[0]

export interface TriggerWorkerOptions<R extends Registry> extends WorldOptions<R> {
  readonly handlers: Partial<WorldOptions<R>['handlers']> & NonNullable<WorldOptions<R>['handlers']>
}

/** A run that walks only waits: a small machine will do, and a crash of it is made good by the keys of what it waited for. */
const walkerRetry: RetryPolicy = { maxAttempts: 3, minDelayMs: 1_000, factor: 2, maxDelayMs: 10_000 }

/**
 * Registers every task, track and orchestrator as a Trigger.dev task of its name. Call it in a file that `trigger.config.ts` finds
 * (`dirs`); nothing has to be exported. Throws `DefinitionError` for what cannot run. Gives the Trigger.dev tasks by their names.
 */
export function createTriggerWorker<const R extends Registry>(options: TriggerWorkerOptions<R>): Readonly<Record<string, Registered>> {
  const world = createWorld(options)
  const { overrides } = world
  const registered: Record<string, Registered> = {}
  for (const contract of Object.values<TaskContract>(world.registry)) registered[contract.name] = registerTask(world, contract)
  for (const [name, track] of world.tracks) {
    compileTrack(world.registry, track)
    registered[name] = registerWalk(world, name, payloadSchema(inputSchemaOf(world.registry, track)), overrides[name] ?? {})
  }
  for (const [name, orchestrator] of world.orchestrators) {
    compileOrchestrator(world.registry, orchestrator)
    registered[name] = registerWalk(world, name, payloadSchema(orchestrator.input), overrides[name] ?? {})
  }
  return registered
}

function registerTask(world: World, contract: TaskContract): Registered {
  const { name, description, placement, retry } = contract
  return task({
    id: name,
    ...(description !== undefined && { description }),
    jsonSchema: payloadSchema(contract.input),
    ...placed({ ...placement }),
    retry: retryOf({ ...retry }),
    run: (payload: unknown, { ctx, signal }) => runTaskRun(world, contract, payload, ctx, signal),
    catchError: async ({ payload, error, ctx, retryDelayInMs }) => {
      if (retryDelayInMs === undefined) return undefined // that was the last attempt
      const delayMs = await delayOfRetry(world, contract, payload, ctx, error)
      return delayMs === undefined ? { skipRetrying: true } : { retryDelayInMs: delayMs }
    },
  }) as Registered
}

function registerWalk(world: World, name: string, jsonSchema: PayloadSchema, override: Overrides): Registered {
  const runner = runnerOf(world)
  return task({
    id: name,
    jsonSchema,
    ...placed(override),
    retry: retryOf({ ...walkerRetry, ...override.retry }),
    run: async (payload: unknown, { ctx, signal }) => {
      const opened = openPayload(payload)
      if (opened.track) return runTrackTicket(world, name, { ...opened, track: opened.track }, ctx, signal)
      const own = { ...(opened.input as object), ...opened.base }
      try {
        const resumeOf = opened.resumeOf === undefined ? undefined : await resumedWalk(opened.resumeOf, name)
        const context = { ...ctx, signal, resumeOf }
        const orchestrator = world.orchestrators.get(name)
        const output: unknown = orchestrator ? await runVisibly(runner, orchestrator, own, context) : await runner.runTrack(world.tracks.get(name)!, own, context)
        await tellOfSuccess(world, { ...parseBaseFields(name, opened.base), name, runId: ctx.run.id, output })
        return await world.claims.handIn(output, resumeOf ?? ctx.run.id, `The output of ${name}`)
      } catch (thrown) {
        // Trying a whole walk again cannot help: what can be tried again was.
        const error = toTracksError(thrown)
        throw toTriggerError(Object.assign(error, { retryable: false }))
      }
    },
  }) as Registered
}

async function tellOfSuccess({ onSuccess }: World, run: SucceededRun): Promise<void> {
  try {
    await onSuccess?.(run)
  } catch (thrown) {
    logger.warn(`onSuccess failed: ${toTracksError(thrown).message}`, { error: { ...errorToJson(thrown) } })
  }
}

/** Runs an orchestrator; how each of its tracks ended stands in the run's metadata as `tracks`, whatever its policy. */
async function runVisibly(runner: ReturnType<typeof runnerOf>, orchestrator: OrchestratorDefinition, payload: object, context: TriggerRunContext): Promise<unknown> {
  const result = await runner.settleOrchestrator(orchestrator, payload, context)
  const tracks = Object.entries(result.tracks).map(([track, { status, ...rest }]) => [track, { status, ...('because' in rest && { because: rest.because }), ...('error' in rest && { error: rest.error }) }])
  metadata.set('tracks', JSON.parse(JSON.stringify(Object.fromEntries(tracks))))
  if (result.status !== 'succeeded') throw result.error
  return result.output
}

function retryOf(policy: RetryPolicy) {
  const { maxAttempts, minDelayMs, factor, maxDelayMs } = { ...defaultRetry, ...policy }
  return { maxAttempts, minTimeoutInMs: minDelayMs, factor, maxTimeoutInMs: maxDelayMs, randomize: true }
}

function placed({ machine, queue, maxDurationSeconds }: TaskPlacement): Pick<TriggerTaskOptions, 'machine' | 'queue' | 'maxDuration'> {
  return {
    ...(machine !== undefined && { machine: machine as NonNullable<Extract<TriggerTaskOptions['machine'], string>> }),
    ...(queue && { queue: { ...(queue.name !== undefined && { name: queue.name }), ...(queue.concurrencyLimit !== undefined && { concurrencyLimit: queue.concurrencyLimit }) } }),
    ...(maxDurationSeconds !== undefined && { maxDuration: maxDurationSeconds }),
  }
}
