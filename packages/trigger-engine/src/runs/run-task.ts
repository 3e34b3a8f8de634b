import { runAttempt, type StepCall } from '@track-orchestrator/core/engine'
import { toTracksError, type TaskContract } from '@track-orchestrator/registry'
import { metadata } from '@trigger.dev/sdk'
import type { TaskAnswer } from '../crossing/answer.ts'
import { tellCarried } from '../crossing/carried.ts'
import { seal, type Sealed } from '../crossing/sealed.ts'
import type { World } from '../world.ts'
import { endFailed } from './end-run.ts'
import { addLimit, forgetLimits } from './limits.ts'
import { openCall, openSite, stopOthers, type OpenedSite } from './open-call.ts'
import type { TriggerContext } from './open-run.ts'
import { showCosts } from './show-costs.ts'

/** One attempt of a task, in a Trigger.dev run of its own. Answers the envelope; throws what Trigger.dev retries, or not, and the waiting run understands. */
export async function runTaskRun(world: World, contract: TaskContract, payload: unknown, context: TriggerContext, signal: AbortSignal): Promise<TaskAnswer | Sealed> {
  const startedAt = Date.now()
  const site = await siteOf(world, contract, payload, context, signal)
  const { ticket, isPart, attempt, flush, engine, close } = site
  const { ledger } = site.walk
  let call: StepCall | undefined
  try {
    call = await openCall(world, site)
    const outcome = await runAttempt(call, attempt, {
      handlerOf: world.handlerOf ?? noHandler,
      nested: engine,
      graceMs: world.graceMs,
      onLimit: (limit) => addLimit(context.run.id, limit),
    })
    if (outcome.status === 'failed') throw outcome.error
    const { value, claim } = await world.claims.handIn(outcome.output, call.walkId, `The output of step ${call.step} of ${call.track}`)
    // Whoever triggered this task by itself finds the claim in the metadata: see `openOutput`.
    if (claim && !isPart) tellCarried(context.run, { output: claim })
    const logsAwayAt = await flush()
    const job = { success: true, taskName: contract.name, runId: call.runId, attempt, startedAt, durationMs: Date.now() - startedAt } as const
    const costs = ledger.parts(true)
    if (!isPart) showCosts(ledger.costs())
    const answer: TaskAnswer = { job, results: value, ...(claim && { claim }), ...(costs && { costs }), ...(logsAwayAt !== undefined && { logsAwayAt }), metadata: outcome.metadata, trampData: call.base.trampData }
    if (ticket.items !== undefined && context.run.parentTaskRunId !== undefined) metadata.parent.increment('$.progress.fraction', 1 / ticket.items)
    const sent = seal(answer)
    if (sent !== answer && !isPart) tellCarried(context.run, { sealed: true })
    return sent
  } catch (thrown) {
    const isStopped = site.watch.signal.aborted
    if (!isStopped && !toTracksError(thrown).retryable) await stopOthers(ticket) // else `retryTask` knows whether that was the last attempt
    if (!isPart) showCosts(ledger.costs())
    const place = { track: ticket.track, step: ticket.step, taskName: contract.name, ...(call && { attempt }) }
    return await endFailed(context, thrown, place, { costs: ledger.parts(true) })
  } finally {
    close()
    forgetLimits(context.run.id)
    await flush() // also where it failed; what was waited for is not waited for again
  }
}

const noHandler = () => undefined

async function siteOf(world: World, contract: TaskContract, payload: unknown, context: TriggerContext, signal: AbortSignal): Promise<OpenedSite> {
  try {
    return openSite(world, contract, payload, context, signal)
  } catch (thrown) {
    return endFailed(context, thrown)
  }
}
