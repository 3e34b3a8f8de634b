import type { RunContext, Runner } from '@track-orchestrator/core'
import { bindRunner, uncancellable } from '@track-orchestrator/core/engine'
import type { Registry } from '@track-orchestrator/registry'
import { engineFor, flushDeadlineMs, type TriggerContext } from './runs/open-run.ts'
import { createTriggerLog } from './trigger-log.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

/** Trigger.dev's `ctx`; with its `signal` beside it, a cancelled run stops its walk at once. */
export interface TriggerRunContext extends TriggerContext {
  readonly signal?: AbortSignal | undefined
  /** The id of an earlier run that itself resumed none: what finished in it is not run again. */
  readonly resumeOf?: string | undefined
}

export interface TriggerRunnerOptions<R extends Registry, Defaults extends object = {}> extends WorldOptions<R> {
  /** Laid beneath every payload: the base fields, where a worker serves one tenant. */
  readonly defaults?: Defaults
}

/**
 * The runners for tasks that are written by hand: `task({ id, run: (payload, { ctx }) => runTrack(track, payload, ctx) })`.
 * The tasks and sub-tracks that a definition names must be registered by `createTriggerWorker` with the same options.
 * Throws `DefinitionError` for options that cannot be.
 */
export function createRunner<const R extends Registry, const Defaults extends object = {}>({ defaults, ...options }: TriggerRunnerOptions<R, Defaults>): Runner<R, TriggerRunContext, Defaults> {
  return runnerOf<R, Defaults>(createWorld('createRunner', options), defaults)
}

export function runnerOf<R extends Registry, Defaults extends object = {}>(world: World, defaults?: Defaults): Runner<R, TriggerRunContext, Defaults> {
  return bindRunner<R, TriggerRunContext, Defaults>((context) => contextOf(world, context), defaults)
}

/** Two walks in one run are told apart by their count, which is the same on every attempt. By `ctx.run`: `ctx` may have been copied. */
const walksOf = new WeakMap<object, number>()

function contextOf(world: World, context: TriggerRunContext | undefined): RunContext {
  if (!context?.run) throw new TypeError("runTrack, runOrchestrator and runSingleTask need Trigger.dev's ctx as their third argument: run: (payload, { ctx }) => runTrack(track, payload, ctx)")
  const count = (walksOf.get(context.run) ?? 0) + 1
  walksOf.set(context.run, count)
  const logs = [createTriggerLog(), ...world.logs]
  const flush = async () => void (await Promise.allSettled(logs.map(async (log) => log.flush(flushDeadlineMs))))
  const runId = context.run.id
  const walkId = `${context.resumeOf ?? runId}${count > 1 ? `#${count}` : ''}`
  return { engine: engineFor(world, context, context.signal ?? uncancellable(), flush), registry: world.registry, logs, signal: context.signal, runId, walkId }
}
