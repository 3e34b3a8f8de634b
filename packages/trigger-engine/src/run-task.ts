import { runAttempt, StepCall, uncancellable } from '@track-orchestrator/core/engine'
import { errorAt, errorToJson, mergeRetry, parsersOf, toTracksError, withoutBaseFields, type TaskContract, type TaskEnvelope } from '@track-orchestrator/registry'
import { retryDelayMs } from '@track-orchestrator/registry/waiting'
import { flushDeadlineMs, openTicket, type TriggerContext } from './open-ticket.ts'
import { fromTriggerError, toTriggerError } from './trigger-error.ts'
import { openPayload, type CallTicket } from './wire.ts'
import type { World } from './world.ts'

/** One attempt of a task, in a Trigger.dev run of its own. Answers the envelope; throws what Trigger.dev retries, or not, and the waiting run understands. */
export async function runTaskRun(world: World, contract: TaskContract, payload: unknown, context: TriggerContext, signal: AbortSignal): Promise<TaskEnvelope> {
  const attempt = context.attempt?.number ?? 1
  const { call, events, opened } = await openCall(world, contract, payload, context, signal)
  const startedAt = Date.now()
  try {
    const outcome = await runAttempt(call, attempt, { handlerOf: world.handlerOf, nested: opened.engine, graceMs: world.graceMs })
    if (outcome.status === 'failed') throw outcome.error
    const results = await world.claims.handIn(outcome.output, call.walkId, `The output of step ${call.step} of ${call.track}`)
    const job = { success: true, taskName: contract.name, runId: call.runId, attempt, startedAt, durationMs: Date.now() - startedAt } as const
    return { job, results, metadata: outcome.metadata, trampData: call.base.trampData }
  } catch (thrown) {
    throw toTriggerError(errorAt(thrown, { track: call.track, step: call.step, taskName: contract.name, attempt }))
  } finally {
    await events.flush(flushDeadlineMs)
  }
}

/** How long Trigger.dev waits before the next attempt: as the contract and the step say, not as the task was registered. Tells of it. Nothing where there is to be no other. */
export async function delayOfRetry(world: World, contract: TaskContract, payload: unknown, context: TriggerContext, thrown: unknown): Promise<number | undefined> {
  const error = fromTriggerError(thrown)
  const attempt = context.attempt?.number ?? 1
  const { call, events } = await openCall(world, contract, payload, context, uncancellable())
  const policy = { ...mergeRetry(contract.retry, call.retry), maxAttempts: Number.POSITIVE_INFINITY } // Trigger.dev counts the attempts
  const delayMs = retryDelayMs(error, policy, attempt)
  if (delayMs === undefined) return undefined
  call.observer?.retrying(attempt, delayMs, errorToJson(error))
  await events.flush(flushDeadlineMs)
  return delayMs
}

async function openCall(world: World, contract: TaskContract, payload: unknown, context: TriggerContext, signal: AbortSignal) {
  const { base, input, call: given } = openPayload(payload)
  const ticket = given ?? ticketOfPerson(contract, context)
  const opened = openTicket(world, ticket, base, context, signal)
  try {
    const taken = withoutBaseFields(await world.claims.takeOut(input))
    const parsed: unknown = await parsersOf(contract).input(taken)
    const { track, parentPath: path, kept, step: id, retry, timeoutMs = contract.timeoutMs, segment, nested } = ticket
    const call = new StepCall({ walk: opened.walk, site: { track, path, kept }, options: { id, retry, timeoutMs }, segment, contract, payload: taken, input: parsed, signal, nested })
    return { call, events: opened.events, opened }
  } catch (thrown) {
    throw toTriggerError(toTracksError(thrown))
  }
}

/** A task that a person triggered by itself is a walk of its own. */
function ticketOfPerson({ name }: TaskContract, { run }: TriggerContext): CallTicket {
  return { runId: run.id, runName: name, walkId: run.id, kept: false, track: name, step: name, parentPath: name, segment: name, nested: false }
}

