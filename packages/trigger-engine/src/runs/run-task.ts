import { runAttempt, StepCall, uncancellable } from '@track-orchestrator/core/engine'
import { CancelledError, DefinitionError, errorToJson, mergeRetry, parsersOf, toTracksError, type TaskContract } from '@track-orchestrator/registry'
import { retryDelayMs } from '@track-orchestrator/registry/waiting'
import { metadata, wait } from '@trigger.dev/sdk'
import type { TaskAnswer } from '../crossing/answer.ts'
import { carriedOf, tellCarried } from '../crossing/carried.ts'
import { openPayload } from '../crossing/payload.ts'
import { seal, type Sealed } from '../crossing/sealed.ts'
import type { CallTicket } from '../crossing/ticket.ts'
import { fromTriggerError } from '../crossing/trigger-error.ts'
import { HaltWatch } from '../engine/halt.ts'
import type { TriggerEngine } from '../engine/trigger-engine.ts'
import type { World } from '../world.ts'
import { endFailed } from './end-run.ts'
import { addLimit, forgetLimits } from './limits.ts'
import { showCosts } from './show-costs.ts'
import { openWalk, type TriggerContext } from './open-run.ts'

/** One attempt of a task, in a Trigger.dev run of its own. Answers the envelope; throws what Trigger.dev retries, or not, and the waiting run understands. */
export async function runTaskRun(world: World, contract: TaskContract, payload: unknown, context: TriggerContext, signal: AbortSignal): Promise<TaskAnswer | Sealed> {
  const attempt = context.attempt?.number ?? 1
  const startedAt = Date.now()
  const opened = await openCall(world, contract, payload, context, signal, { begins: attempt === 1 }).catch((thrown: unknown) => endFailed(context, thrown))
  const { call, flush, engine, close } = opened
  try {
    const outcome = await runAttempt(call, attempt, {
      handlerOf: world.handlerOf ?? noHandler,
      nested: engine,
      graceMs: world.graceMs,
      onLimit: (limit) => addLimit(context.run.id, limit),
    })
    if (outcome.status === 'failed') throw outcome.error
    const { value, claim } = await world.claims.handIn(outcome.output, call.walkId, `The output of step ${call.step} of ${call.track}`)
    // Whoever triggered this task by itself finds the claim in the metadata: see `openOutput`.
    if (claim && !opened.isPart) tellCarried(context.run, { output: claim })
    const logsAwayAt = await flush()
    const job = { success: true, taskName: contract.name, runId: call.runId, attempt, startedAt, durationMs: Date.now() - startedAt } as const
    const costs = call.ledger.parts(true)
    if (!opened.isPart) showCosts(call.ledger.costs())
    const answer: TaskAnswer = { job, results: value, ...(claim && { claim }), ...(costs && { costs }), ...(logsAwayAt !== undefined && { logsAwayAt }), metadata: outcome.metadata, trampData: call.base.trampData }
    if (opened.items !== undefined && context.run.parentTaskRunId !== undefined) metadata.parent.increment('$.progress.fraction', 1 / opened.items)
    const sent = seal(answer)
    if (sent !== answer && !opened.isPart) tellCarried(context.run, { sealed: true })
    return sent
  } catch (thrown) {
    if (!toTracksError(thrown).retryable) await stopOthers(call, opened.stop) // else `delayOfRetry` tells whether that was the last attempt
    if (!opened.isPart) showCosts(call.ledger.costs())
    return await endFailed(context, thrown, { track: call.track, step: call.step, taskName: contract.name, attempt }, { costs: call.ledger.parts(true) })
  } finally {
    close()
    forgetLimits(context.run.id)
    await flush() // also where it failed; what was waited for is not waited for again
  }
}

const noHandler = () => undefined

/** How long Trigger.dev waits before the next attempt: as the contract and the step say, not as the task was registered. Tells of it. Nothing where there is to be no other. */
export async function delayOfRetry(world: World, contract: TaskContract, payload: unknown, context: TriggerContext, thrown: unknown, isLast: boolean): Promise<number | undefined> {
  if (isLast && carriedOf(context.run).call?.stop === undefined) return undefined
  const error = fromTriggerError(thrown)
  const attempt = context.attempt?.number ?? 1
  const { call, flush, stop, close } = await openCall(world, contract, payload, context, uncancellable(), { begins: false })
  close()
  const policy = { ...mergeRetry(contract.retry, call.retry), maxAttempts: Number.POSITIVE_INFINITY } // Trigger.dev counts the attempts
  const delayMs = isLast ? undefined : retryDelayMs(error, policy, attempt)
  if (delayMs === undefined || (call.deadline && Date.now() + delayMs >= call.deadline.at)) {
    await stopOthers(call, stop)
    return undefined
  }
  call.observer?.retrying(attempt, delayMs, errorToJson(error))
  await flush()
  return delayMs
}

/** Where the call was one of a fan-out that its failure stops. A token that cannot be completed stops nobody. */
async function stopOthers({ step }: StepCall, token: string | undefined): Promise<void> {
  if (token !== undefined) await wait.completeToken(token, { failed: `an item of ${step}` }).catch(() => {})
}

interface OpenedCall {
  readonly call: StepCall
  /** See `openWalk`. */
  readonly flush: () => Promise<number | undefined>
  readonly engine: TriggerEngine
  readonly close: () => void
  /** Another run of ours waits for it. */
  readonly isPart: boolean
  /** See `CallTicket.stop`. */
  readonly stop: string | undefined
  readonly items: number | undefined
}

async function openCall(world: World, contract: TaskContract, payload: unknown, context: TriggerContext, signal: AbortSignal, { begins }: { readonly begins: boolean }): Promise<OpenedCall> {
  const carried = carriedOf(context.run)
  if (carried.forkOf) throw new DefinitionError(`${contract.name} is a single task: there is no step to fork from. Trigger it with another payload.`)
  const ticket = carried.call ?? { ...ticketOfPerson(contract, context), ...carried.packed }
  const { base, input } = openPayload(payload, ticket)
  const watch = new HaltWatch(ticket.halts ?? [])
  const { walk, flush, engine, close } = openWalk(world, ticket, base, context, signal, watch)
  const [given] = await Promise.all([world.claims.takeOut(carried.input ? { claim: carried.input } : { value: input }, ticket.walkId, `The input of step ${ticket.step} of ${ticket.track}`), watch.look(begins && ticket.stop !== undefined ? [ticket.stop] : [])])
  const isOver = begins && walk.deadline?.look() === true
  if (watch.signal.aborted || isOver) close()
  if (watch.signal.aborted || isOver) throw new CancelledError(`${contract.name} was not started: ${isOver ? 'the time of its track was over' : (watch.signal.reason as Error).message}`, { place: { track: ticket.track, step: ticket.step, taskName: contract.name } })
  const parsed: unknown = await parsersOf(contract).input(given)
  const call = new StepCall({
    walk,
    site: { track: ticket.track, path: ticket.parentPath, kept: ticket.kept },
    options: { id: ticket.step, retry: ticket.retry, timeoutMs: ticket.timeoutMs ?? contract.timeoutMs, inline: false },
    segment: ticket.segment,
    contract,
    payload: given,
    input: parsed,
    signal: walk.signal,
    nested: ticket.nested,
  })
  return { call, flush, engine, close, isPart: carried.call !== undefined, stop: ticket.stop, items: ticket.items }
}

/** A task that a person triggered by itself is a walk of its own. */
function ticketOfPerson({ name }: TaskContract, { run }: TriggerContext): CallTicket {
  return { runId: run.id, runName: name, walkId: run.id, kept: false, track: name, step: name, parentPath: name, segment: name, nested: false }
}
