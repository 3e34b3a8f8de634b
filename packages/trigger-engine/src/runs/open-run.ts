import { Deadline, Ledger, RunEvents, walkTrack, type TimeLimit, type Walk } from '@track-orchestrator/core/engine'
import { addCosts, parseBaseFields } from '@track-orchestrator/registry'
import { carriedOf, tellCarried } from '../crossing/carried.ts'
import type { RunTicket, TrackTicket } from '../crossing/ticket.ts'
import type { HaltWatch } from '../engine/halt.ts'
import { OneWait } from '../engine/one-wait.ts'
import { logsOf } from '../engine/run-logs.ts'
import { TriggerEngine } from '../engine/trigger-engine.ts'
import type { World } from '../world.ts'
import { addLimit } from './limits.ts'

/** What we use of Trigger.dev's `ctx`. */
export interface TriggerContext {
  readonly run: { readonly id: string; readonly createdAt?: Date; readonly startedAt?: Date; readonly idempotencyKey?: string | undefined; readonly parentTaskRunId?: string | undefined; readonly rootTaskRunId?: string | undefined; readonly priority?: number | undefined; readonly tags?: readonly string[] | undefined }
  readonly attempt?: { readonly number: number }
  readonly batch?: { readonly id: string } | undefined
}

/** By `ctx.run`: it is the same object all through an attempt, also where `ctx` was copied (`{ ...ctx, signal }`). */
const waits = new WeakMap<object, OneWait>()

/** Attempts that have to end and be tried again, by `ctx.run`. */
const lost = new WeakSet<object>()

/** Whether this attempt has to end and be tried again: see `AnswerLost`. */
export function isLostAttempt({ run }: TriggerContext): boolean {
  return lost.has(run)
}

/** An engine for one attempt of a Trigger.dev run. */
export function engineFor(world: World, { run, attempt }: TriggerContext, signal: AbortSignal, halt?: HaltWatch): TriggerEngine {
  const oneWait = waits.get(run) ?? new OneWait()
  waits.set(run, oneWait)
  const { handlerOf, graceMs } = world
  const inline = handlerOf && { handlerOf, graceMs, onLimit: (limit: TimeLimit) => addLimit(run.id, limit) }
  const hasHandler = handlerOf && ((taskName: string) => handlerOf(taskName) !== undefined)
  return new TriggerEngine({ run: { id: run.id, createdAt: run.createdAt, parentId: run.parentTaskRunId, rootId: run.rootTaskRunId, attempt: attempt?.number ?? 1, priority: run.priority, tags: run.tags ?? [], signal }, claims: world.claims, limits: world.limits, overrides: world.overrides, mostLanes: world.mostLanes, halt, oneWait, logs: logsOf(run, world.logs), onLost: () => lost.add(run), inline, hasHandler })
}

/** What a run pays, and may; what its earlier attempts have paid is carried. `limit`: of the run that it is part of. `isFirst`: of the walks of the run. */
export function ledgerFor({ prices, runLimits }: World, { run }: TriggerContext, { limit, isFirst = true }: { readonly limit?: RunTicket['limit'] | undefined; readonly isFirst?: boolean } = {}): Ledger {
  const { paid: known = {}, limits } = carriedOf(run)
  const earlier = isFirst ? known : {}
  const cost = limits?.cost ?? runLimits?.cost
  let paid = known
  return new Ledger({
    prices,
    earlier,
    limit: limit ?? (cost && { cost }),
    onPaid: (path, costs) => {
      paid = { ...paid, [path]: addCosts(paid[path], costs) }
      tellCarried(run, { paid })
    },
  })
}

export interface OpenedWalk {
  readonly walk: Walk
  readonly engine: TriggerEngine
  /** Waits for its logs, and answers `RunTicket.logsAwayAt`. */
  readonly flush: () => Promise<number | undefined>
  /** To be called when the walk, or the attempt of its task, has ended. */
  readonly close: () => void
}

/** Goes on, in a run of its own, with a walk that began in another. */
export function openWalk(world: World, ticket: RunTicket & Partial<Pick<TrackTicket, 'fork' | 'ownPath'>>, base: Record<string, unknown>, context: TriggerContext, signal: AbortSignal, halt?: HaltWatch): OpenedWalk {
  const { runId, runName, walkId, fork, kept, round, deadlineAt } = ticket
  const deadline = deadlineAt === undefined ? undefined : new Deadline(deadlineAt, signal)
  const fields = parseBaseFields(runName, base)
  const logs = logsOf(context.run, world.logs, ticket.ownPath)
  if (ticket.logsAwayAt !== undefined) logs.noteAway(ticket.logsAwayAt)
  const events = new RunEvents(logs.all, { id: runId, name: runName }, fields, { flushMs: world.flushMs, loss: 'machine' })
  const engine = engineFor(world, context, signal, halt)
  const flush = async () => {
    if (!(await events.flush())) logs.noteAway()
    return logs.awayAt
  }
  const walk: Walk = { engine, registry: world.registry, runId, runName, walkId, fork, base: fields, signal: deadline?.signal ?? signal, deadline, round, ledger: ledgerFor(world, context, { limit: ticket.limit }), events, kept, walkTrack }
  return { walk, engine, flush, close: () => deadline?.close() }
}
