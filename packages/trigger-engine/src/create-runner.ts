import type { RunContext, Runner } from '@track-orchestrator/core'
import { bindRunner } from '@track-orchestrator/core/engine'
import type { Registry } from '@track-orchestrator/registry'
import { engineFor, flushDeadlineMs, type TriggerContext } from './open-ticket.ts'
import { createTriggerLog } from './trigger-log.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

/** Trigger.dev's `ctx`; with its `signal` beside it, a cancelled run stops its walk at once. */
export interface TriggerRunContext extends TriggerContext {
  readonly signal?: AbortSignal | undefined
  /** The id of an earlier run that itself resumed none: what finished in it is not run again. */
  readonly resumeOf?: string | undefined
}

/**
 * The runners for tasks that are written by hand: `task({ id, run: (payload, { ctx }) => runTrack(track, payload, ctx) })`.
 * The tasks and sub-tracks that a definition names must be registered by `createTriggerWorker` with the same options.
 */
export function createRunner<const R extends Registry>(options: WorldOptions<R>): Runner<R, TriggerRunContext> {
  return runnerOf<R>(createWorld(options))
}

export function runnerOf<R extends Registry>(world: World): Runner<R, TriggerRunContext> {
  return bindRunner<R, TriggerRunContext>((context) => contextOf(world, context))
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
  return { engine: engineFor(world, context, context.signal ?? new AbortController().signal, flush), registry: world.registry, logs, signal: context.signal, runId, walkId }
}
