import type { TaskOutcome, TrackOutcome } from '@track-orchestrator/core'
import type { CostsOfParts } from '@track-orchestrator/core/engine'
import { errorFromJson, errorToJson, type ErrorJson, type TaskEnvelope } from '@track-orchestrator/registry'
import type { Claim } from './carried.ts'
import type { ClaimCheck } from './claim-check.ts'
import { unseal, type Sealed } from './sealed.ts'

// What a run of ours hands back to the run that waits for it, as its output. A run that a person started answers the same of a task,
// and of a track or orchestrator just its output.

/** The output of a run that was started for a call. */
export type TaskAnswer = Extract<TaskEnvelope, { readonly job: { readonly success: true } }> & {
  /** The results, where they are too big to travel. */
  readonly claim?: Claim
  /** What it has paid, in all its attempts, with what its handler asked for. */
  readonly costs?: CostsOfParts
  /** See `RunTicket.logsAwayAt`. */
  readonly logsAwayAt?: number
}

/** The output of a run that was started for a track: how the track ended, also where it failed. */
export type TrackAnswer = HowTrackEnded & {
  /** What its steps have paid. */
  readonly costs?: CostsOfParts
  /** See `RunTicket.logsAwayAt`. */
  readonly logsAwayAt?: number
}

type HowTrackEnded =
  | { readonly status: 'succeeded'; readonly output?: unknown; readonly claim?: Claim; readonly durationMs: number }
  | { readonly status: 'failed'; readonly error: ErrorJson; readonly claim?: Claim; readonly durationMs: number }
  | Extract<TrackOutcome, { readonly status: 'skipped' | 'cancelled' }>

/** The outcome of a call that was answered. Throws where its results lie in the payload store and cannot be read. */
export async function outcomeOfAnswer(answer: TaskAnswer | Sealed, claims: ClaimCheck, walkId: string, what: string): Promise<TaskOutcome> {
  const { job, results, claim, metadata } = unseal(answer)
  const output = await claims.takeOut(claim ? { claim } : { value: results }, walkId, what)
  return { status: 'succeeded', output, attempt: job.attempt, metadata }
}

/** How a track ended, as its run answers it. What is too big to travel goes into the payload store. Throws what the store throws. */
export async function answerOfTrack(outcome: TrackOutcome, claims: ClaimCheck, walkId: string, track: string): Promise<TrackAnswer> {
  if (outcome.status === 'succeeded') {
    const { status, output, durationMs } = outcome
    const { value, claim } = await claims.handIn(output, walkId, `The output of ${track}`)
    return { status, durationMs, ...(claim ? { claim } : { output: value }) }
  }
  if (outcome.status !== 'failed') return outcome
  const { status, error, thrown, durationMs } = outcome
  // With the items of a failed forEach: their outputs may be many.
  const whole = thrown ? errorToJson(thrown, { items: true }) : error
  const { value, claim } = await claims.handIn(whole, walkId, `The error of ${track}`)
  return { status, durationMs, ...(claim ? { error, claim } : { error: value as ErrorJson }) }
}

/** How the track ended that a run has answered. Throws where its output lies in the payload store and cannot be read. */
export async function outcomeOfTrack(given: TrackAnswer | Sealed, claims: ClaimCheck, walkId: string, track: string): Promise<TrackOutcome> {
  const answer = unseal(given)
  if (answer.status === 'succeeded') {
    const { status, output, claim, durationMs } = answer
    return { status, durationMs, output: await claims.takeOut(claim ? { claim } : { value: output }, walkId, `The output of ${track}`) }
  }
  if (answer.status !== 'failed') return answer
  const { status, error, claim, durationMs } = answer
  const whole = claim ? ((await claims.takeOut({ claim }, walkId, `The error of ${track}`).catch(() => error)) as ErrorJson) : error
  return { status, durationMs, error, thrown: errorFromJson(whole) }
}
