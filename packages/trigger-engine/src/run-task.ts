import { CallContext, callHandler, neverAborted, retryDelayMs, StepCall } from '@track-orchestrator/core/engine'
import { defaultRetry, errorAt, errorToJson, parseOutput, parsersOf, toTracksError, TracksError, withoutBaseFields, type TaskContract, type TaskEnvelope, type TaskHandler } from '@track-orchestrator/registry'
import { flushDeadlineMs, openTicket, type TriggerContext } from './open-ticket.ts'
import { fromTriggerError, toTriggerError } from './trigger-error.ts'
import { openPayload, type CallTicket } from './wire.ts'
import type { World } from './world.ts'

/** One attempt of a task, in a Trigger.dev run of its own. Answers the envelope; throws what Trigger.dev retries, or not, and the waiting run understands. */
export async function runTaskRun(world: World, contract: TaskContract, payload: unknown, context: TriggerContext, signal: AbortSignal): Promise<TaskEnvelope> {
  const attempt = context.attempt?.number ?? 1
  const { call, events, opened } = await openCall(world, contract, payload, context, signal)
  const limit = call.timeoutMs === undefined ? undefined : new AbortController()
  const callContext = new CallContext(call, attempt, limit?.signal ?? signal, opened.engine)
  const startedAt = Date.now()
  try {
    const handler = world.handlers[contract.name] as TaskHandler | undefined
    if (!handler) throw new TracksError(`There is no handler for ${contract.name}: add one to the handlers of the worker.`, { code: 'handler_missing', retryable: false })
    const results: unknown = await parseOutput(contract, await callHandler(call, handler, callContext, limit, world.graceMs))
    const job = { success: true, taskName: contract.name, runId: call.runId, attempt, startedAt, durationMs: Date.now() - startedAt } as const
    const handedIn = await world.claims.handIn(results, call.walkId, `The output of step ${call.step} of ${call.track}`)
    return { job, results: handedIn, metadata: CallContext.metadataOf(callContext), trampData: call.base.trampData }
  } catch (thrown) {
    throw toTriggerError(errorAt(thrown, { track: call.track, step: call.step, taskName: contract.name, attempt }))
  } finally {
    await events.flush(flushDeadlineMs)
  }
}

/** How long Trigger.dev waits before the next attempt: as the contract and the step say, not as the task was registered. Tells of it. */
export async function delayOfRetry(world: World, contract: TaskContract, payload: unknown, context: TriggerContext, thrown: unknown): Promise<number> {
  const error = fromTriggerError(thrown)
  const attempt = context.attempt?.number ?? 1
  const { call, events } = await openCall(world, contract, payload, context, neverAborted)
  const policy = { ...defaultRetry, ...contract.retry, ...call.retry }
  const delayMs = retryDelayMs(policy, attempt, Math.random, error.retryAfterMs)
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
    const site = { track: ticket.track, path: ticket.parentPath, enableSupabaseLogging: ticket.enableSupabaseLogging }
    const timeoutMs = ticket.timeoutMs ?? contract.timeoutMs
    const options = { id: ticket.step, retry: ticket.retry, timeoutMs }
    const call = new StepCall(opened.walk, site, options, ticket.segment, contract, taken, parsed, signal, ticket.nested)
    return { call, events: opened.events, opened }
  } catch (thrown) {
    throw toTriggerError(toTracksError(thrown))
  }
}

/** A task that a person triggered by itself is a walk of its own. */
function ticketOfPerson({ name }: TaskContract, { run }: TriggerContext): CallTicket {
  return { runId: run.id, runName: name, walkId: run.id, enableSupabaseLogging: false, track: name, step: name, parentPath: name, segment: name, nested: false }
}

