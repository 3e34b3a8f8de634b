import type { Runner } from '@track-orchestrator/core'
import type { Registry } from '@track-orchestrator/registry'
import { runnerOf, type TriggerRunContext } from './runs/runner-of.ts'
import { createWorld, type WorldOptions } from './world.ts'

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
