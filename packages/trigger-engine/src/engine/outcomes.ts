import type { TaskCall, TaskOutcome, TrackOutcome } from '@track-orchestrator/core'
import { failedCall, type CostsOfParts } from '@track-orchestrator/core/engine'
import { addCosts, errorAt, errorToJson } from '@track-orchestrator/registry'
import { outcomeOfAnswer, outcomeOfTrack, type TaskAnswer, type TrackAnswer } from '../crossing/answer.ts'
import type { ClaimCheck } from '../crossing/claim-check.ts'
import { unseal, type Sealed } from '../crossing/sealed.ts'
import type { TrackTicket } from '../crossing/ticket.ts'
import type { HaltWatch } from './halt.ts'
import { trackOf } from './make-item.ts'
import { failureOf, type OwnRun } from './read-result.ts'
import type { RunLogs } from './run-logs.ts'
import type { Result } from './start-items.ts'

/** What is needed of the run that waited. */
interface Waited {
  readonly run: OwnRun
  readonly claims: ClaimCheck
  readonly halt?: HaltWatch | undefined
  readonly logs: Pick<RunLogs, 'noteAway'>
}

/** How a call ended whose run has. What it has paid is put into the ledger of the walk; what an earlier run of the walk has paid, as reused. */
export async function outcomeOfCall(call: TaskCall, result: Result, waited: Waited): Promise<TaskOutcome> {
  const { contract, walkId, track, step, ledger, runId } = call
  try {
    if (result.ok) {
      const answer = heard<TaskAnswer>(result.output as TaskAnswer | Sealed, waited)
      const { costs } = answer
      if (costs && answer.job.runId === runId) ledger.take(costs)
      else if (costs) ledger.reuse(addCosts(...Object.values(costs.paid ?? {})), true)
      const outcome = await outcomeOfAnswer(answer, waited.claims, walkId, `The output of step ${step} of ${track}`)
      return outcome.status === 'succeeded' && answer.job.runId !== runId ? { ...outcome, isReused: true } : outcome
    }
    const { error, isNotStarted, costs } = await failureOf(contract.name, result, waited)
    if (costs) ledger.take(costs, true)
    // A task that begins after a halt does not begin; then this run is to stop, too.
    if (error.code === 'cancelled') await waited.halt?.look()
    return { ...failedCall(call, error), ...(isNotStarted && { isNotStarted }) }
  } catch (thrown) {
    return failedCall(call, thrown, 0)
  }
}

/** How a track ended that had a run of its own, and what it has paid. `isLost`: whoever asks for it again is given another run. */
export async function outcomeOfPart(ticket: TrackTicket, result: Result, waited: Waited): Promise<{ readonly outcome: TrackOutcome; readonly costs?: CostsOfParts | undefined; readonly isLost?: boolean }> {
  const { walkId, ownPath } = ticket
  try {
    if (result.ok) {
      const answer = heard<TrackAnswer>(result.output as TrackAnswer | Sealed, waited)
      const { costs } = answer
      const outcome = await outcomeOfTrack(answer, waited.claims, walkId, ownPath).catch((thrown: unknown) => failedTrack(ticket, thrown))
      // Where this run is to stop as well, its track was not cancelled by somebody else.
      if (outcome.status === 'cancelled') await waited.halt?.look()
      return { outcome, costs }
    }
    const { error, isCancelled, costs } = await failureOf(ownPath, result, waited)
    return { outcome: isCancelled ? { status: 'cancelled', durationMs: 0 } : failedTrack(ticket, error), costs, isLost: true }
  } catch (thrown) {
    return { outcome: failedTrack(ticket, thrown) }
  }
}

/** Heeds what a run of ours has found out on its way. */
function heard<Answer extends TaskAnswer | TrackAnswer>(answer: Answer | Sealed, { logs }: Waited): Answer {
  const open = unseal(answer)
  if (open.logsAwayAt !== undefined) logs.noteAway(open.logsAwayAt)
  return open
}

function failedTrack(ticket: TrackTicket, thrown: unknown): TrackOutcome {
  const error = errorAt(thrown, { track: trackOf(ticket) })
  return { status: 'failed', error: errorToJson(error), thrown: error, durationMs: 0 }
}
