import type { RunContext, Runner } from '@track-orchestrator/core'
import { bindRunner, uncancellable, type ForkedWalk } from '@track-orchestrator/core/engine'
import type { Registry } from '@track-orchestrator/registry'
import { logsOf } from '../engine/run-logs.ts'
import type { World } from '../world.ts'
import { engineFor, ledgerFor, type TriggerContext } from './open-run.ts'

/** Trigger.dev's `ctx`; with its `signal` beside it, a cancelled run stops its walk at once. */
export interface TriggerRunContext extends TriggerContext {
  readonly signal?: AbortSignal | undefined
  /** The id of an earlier run that itself resumed none: what finished in it is not run again. */
  readonly resumeOf?: string | undefined
  /** When the run began that is nothing but this walk, in milliseconds since 1970. */
  readonly beganAt?: number | undefined
}

/** The runners of a world; `defaults` are laid beneath every payload. `fork`: of a run that was forked from another. */
export function runnerOf<R extends Registry, Defaults extends object = {}>(world: World, defaults?: Defaults, fork?: ForkedWalk): Runner<R, TriggerRunContext, Defaults> {
  return bindRunner<R, TriggerRunContext, Defaults>((context) => ({ ...contextOf(world, context), fork }), defaults)
}

/** Two walks in one run are told apart by their count, which is the same on every attempt. By `ctx.run`: `ctx` may have been copied. */
const walksOf = new WeakMap<object, number>()

function contextOf(world: World, context: TriggerRunContext | undefined): RunContext {
  if (!context?.run) throw new TypeError("runTrack, runOrchestrator and runSingleTask need Trigger.dev's ctx as their third argument: run: (payload, { ctx }) => runTrack(track, payload, ctx)")
  const count = (walksOf.get(context.run) ?? 0) + 1
  walksOf.set(context.run, count)
  const logs = logsOf(context.run, world.logs).all
  const runId = context.run.id
  const walkId = `${context.resumeOf ?? runId}${count > 1 ? `#${count}` : ''}`
  // What earlier attempts paid, which tell of no walk, counts for the first.
  const ledger = ledgerFor(world, context, { isFirst: count === 1 })
  return { ledger, engine: engineFor(world, context, context.signal ?? uncancellable()), registry: world.registry, logs, flushMs: world.flushMs, loss: 'machine', signal: context.signal, runId, walkId, beganAt: context.beganAt }
}
