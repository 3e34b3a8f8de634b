import { copyJson, parseBaseFields, withoutBaseFields, type Registry } from '@track-orchestrator/registry'
import { newId } from '../log/new-id.ts'
import type { RunLimits } from '../costs/cost-limit.ts'
import { Ledger } from '../costs/ledger.ts'
import type { Engine } from '../engine/engine.ts'
import type { ForkedWalk } from '../engine/forked-walk.ts'
import { RunEvents, type FlushOptions } from '../log/run-events.ts'
import type { RunLog } from '../log/run-log.ts'
import { deepFreeze } from './deep-freeze.ts'
import { walkTrack } from './run-track.ts'
import { forManyListeners, uncancellable } from '../engine/stopping.ts'
import type { Walk } from './walk.ts'

/** What a run needs beside its definition and its payload. */
export interface RunContext extends FlushOptions {
  readonly engine: Engine
  readonly registry: Registry
  readonly logs?: readonly RunLog[] | undefined
  /** Aborting it cancels the run: handlers' signals are aborted, what has not started does not. */
  readonly signal?: AbortSignal | undefined
  /** Default: a UUID v7. */
  readonly runId?: string | undefined
  /** See `TaskCall.walkId`. Default: the run's own id. */
  readonly walkId?: string | undefined
  /** How much the run may spend. Default: no limit. */
  readonly limits?: RunLimits | undefined
  /** What the run pays, in place of a ledger of its own by `limits`. */
  readonly ledger?: Ledger | undefined
  /** When the run was begun, where that was before this process took it up, in milliseconds since 1970. */
  readonly beganAt?: number | undefined
  /** Of a run that was forked from another one. */
  readonly fork?: ForkedWalk | undefined
}

/** Splits a payload into base fields and input, and opens the run. Throws `ContractError` naming the run. */
export function openRun(name: string, payload: unknown, context: RunContext, kept: boolean): { walk: Walk; input: unknown } {
  const base = parseBaseFields(name, payload)
  deepFreeze(base.trampData) // a copy: no step can change it, and the caller's own stays as it was
  const runId = context.runId ?? newId()
  const walk: Walk = {
    engine: context.engine,
    registry: context.registry,
    runId,
    runName: name,
    walkId: context.walkId ?? runId,
    base,
    signal: context.signal ? forManyListeners(context.signal) : uncancellable(),
    ledger: context.ledger ?? new Ledger({ limit: context.limits }),
    events: context.logs && context.logs.length > 0 ? new RunEvents(context.logs, { id: runId, name }, base, context) : undefined,
    kept,
    fork: context.fork,
    beganAt: context.beganAt === undefined ? undefined : { path: name, at: context.beganAt },
    walkTrack,
  }
  return { walk, input: copyJson(name, 'input', withoutBaseFields(payload)) }
}
