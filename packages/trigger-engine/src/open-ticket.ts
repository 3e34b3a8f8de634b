import { RunEvents, uncancellable, walkTrack, type Walk } from '@track-orchestrator/core/engine'
import { parseBaseFields, type BaseFields } from '@track-orchestrator/registry'
import { OneWait } from './one-wait.ts'
import { TriggerEngine } from './trigger-engine.ts'
import { createTriggerLog } from './trigger-log.ts'
import type { RunTicket } from './wire.ts'
import type { World } from './world.ts'

/** What we use of Trigger.dev's `ctx`. */
export interface TriggerContext {
  readonly run: { readonly id: string }
  readonly attempt?: { readonly number: number }
  readonly batch?: { readonly id: string } | undefined
}

/** By `ctx.run`: it is the same object all through an attempt, also where `ctx` was copied (`{ ...ctx, signal }`). */
const waits = new WeakMap<object, OneWait>()

/** An engine for one attempt of a Trigger.dev run. */
export function engineFor(world: World, { run }: TriggerContext, signal: AbortSignal, flush: () => Promise<void>): TriggerEngine {
  const oneWait = waits.get(run) ?? new OneWait()
  waits.set(run, oneWait)
  return new TriggerEngine({ runId: run.id, signal, claims: world.claims, oneWait, beforeWait: flush })
}

/** Goes on with a walk that began in another run. */
export function openTicket(world: World, ticket: RunTicket, base: Record<string, unknown>, context: TriggerContext, signal: AbortSignal = uncancellable()): { walk: Walk; engine: TriggerEngine; events: RunEvents } {
  const { runId, runName, walkId, kept } = ticket
  const fields: BaseFields = parseBaseFields(runName, base)
  const events = new RunEvents([createTriggerLog(), ...world.logs], { id: runId, name: runName }, fields)
  const engine = engineFor(world, context, signal, () => events.flush(flushDeadlineMs))
  return { walk: { engine, registry: world.registry, runId, runName, walkId, base: fields, signal, events, kept, walkTrack }, engine, events }
}

/** At most this long a run waits for its logs, at its end and before it may be frozen. */
export const flushDeadlineMs = 5_000
