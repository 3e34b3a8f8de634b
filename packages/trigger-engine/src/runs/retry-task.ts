import { errorToJson, mergeRetry, type TaskContract } from '@track-orchestrator/registry'
import { retryDelayMs } from '@track-orchestrator/registry/waiting'
import { uncancellable } from '@track-orchestrator/core/engine'
import { carriedOf } from '../crossing/carried.ts'
import { fromTriggerError, toTriggerError } from '../crossing/trigger-error.ts'
import type { World } from '../world.ts'
import { callAt, notBegun, openSite, stopOthers } from './open-call.ts'
import type { TriggerContext } from './open-run.ts'

/** An attempt that failed. */
export interface FailedAttempt {
  readonly payload: unknown
  readonly context: TriggerContext
  readonly thrown: unknown
  /** Trigger.dev makes no further one. */
  readonly isLast: boolean
}

/** What Trigger.dev is to do about it, as its hook `catchError` says it. Nothing: what it would do anyway. */
export type RetryDecision = { readonly retryDelayInMs: number } | { readonly skipRetrying: true; readonly error?: Error } | undefined

/**
 * Decides whether and when the task is tried again: as the contract and the step say, not as the task was registered. Tells of it.
 * Reads no input, since a store that is away then must not decide: what this throws, Trigger.dev calls a crash of the run.
 */
export async function retryTask(world: World, contract: TaskContract, { payload, context, thrown, isLast }: FailedAttempt): Promise<RetryDecision> {
  if (isLast && carriedOf(context.run).call?.stop === undefined) return undefined
  const site = openSite(world, contract, payload, context, uncancellable())
  site.close()
  const { ticket, watch, walk, attempt, flush } = site
  if (isLast) {
    await stopOthers(ticket)
    return undefined
  }
  const error = fromTriggerError(thrown)
  const policy = { ...mergeRetry(contract.retry, ticket.retry), maxAttempts: Number.POSITIVE_INFINITY } // Trigger.dev counts the attempts
  const delayMs = retryDelayMs(error, policy, attempt)
  if (delayMs === undefined || (walk.deadline && Date.now() + delayMs >= walk.deadline.at)) {
    await stopOthers(ticket)
    return { skipRetrying: true }
  }
  // It could have recovered: so it did not fail, but was stopped.
  if (await watch.look()) return { skipRetrying: true, error: toTriggerError(notBegun({ ...site, attempt: attempt + 1 }, (watch.signal.reason as Error).message), { costs: walk.ledger.parts(true) }).thrown }
  callAt(site).observer?.retrying(attempt, delayMs, errorToJson(error))
  await flush()
  return { retryDelayInMs: delayMs }
}
