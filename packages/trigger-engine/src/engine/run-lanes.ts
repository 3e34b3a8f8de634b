import { createHash } from 'node:crypto'
import type { BaseFields } from '@track-orchestrator/registry'
import { runs } from '@trigger.dev/sdk'
import type { ClaimCheck } from '../crossing/claim-check.ts'
import { unseal, type Sealed } from '../crossing/sealed.ts'
import type { LaneTicket } from '../crossing/ticket.ts'
import { errorOf, packPlan, resultOf, type LaneAnswer } from './lane-plan.ts'
import { itemOfLane } from './make-item.ts'
import type { OwnRun } from './read-result.ts'
import { runItems } from './run-items.ts'
import type { Item, Result } from './start-items.ts'

/** A fan-out whose items lanes are to start. */
export interface LaneFanOut {
  readonly ticket: Omit<LaneTicket, 'number' | 'lanes' | 'fanOut'>
  readonly base: BaseFields
  /** For the tags of the lanes. */
  readonly track: string
  /** What tells it from every other fan-out of the run; the same on every attempt. */
  readonly key: string
  /** Items at once, which is the number of lanes. */
  readonly concurrency: number
}

/** A plan that takes more characters goes through the payload store or not at all: every lane is given it. */
const mostCharacters = 65_536

/** The lanes to be started. Nothing where they cannot be told of all the items, or where one run stands for two of those. */
export async function makeLanes(items: readonly Item[], { ticket, base, track, key, concurrency }: LaneFanOut, { run, claims }: { readonly run: OwnRun; readonly claims: ClaimCheck }): Promise<readonly Item[] | undefined> {
  if (new Set(items.map(({ id, options }) => `${id} ${options.idempotencyKey}`)).size < items.length) return undefined
  const plan = await claims.handIn(packPlan(items), ticket.walkId, 'The items of a fan-out').catch(() => undefined)
  if (!plan || (typeof plan.value === 'string' && plan.value.length > mostCharacters)) return undefined
  const fanOut = createHash('sha256').update(key).digest('hex').slice(0, 32)
  return Promise.all(Array.from({ length: concurrency }, (_, number) => itemOfLane({ ticket: { ...ticket, number, lanes: concurrency, fanOut }, base, track, key: `${key}/lane/${number}` }, plan, { run })))
}

/** Waits for the lanes. Answers how the items ended, by their numbers; nothing of those that were not started, or whose lane has died. Throws `AnswerLost`. */
export async function runLanes(lanes: readonly Item[], items: readonly Item[], run: OwnRun): Promise<(Result | undefined)[]> {
  const answers = (await runItems(lanes, run)).flatMap((lane) => (lane.ok ? [unseal(lane.output as LaneAnswer | Sealed)] : []))
  const results: (Result | undefined)[] = Array.from({ length: items.length })
  for (const { told } of answers) for (const one of told) results[one.index] ??= resultOf(one)
  const left = answers.flatMap((answer) => answer.left).filter(({ index }, place, all) => !results[index] && all.findIndex((other) => other.index === index) === place)
  for (let first = 0; first < left.length; first += askedAtOnce) {
    const some = left.slice(first, first + askedAtOnce)
    const found = await Promise.all(some.map((one) => resultOfRun(one)))
    for (const [place, { index }] of some.entries()) results[index] = found[place]
  }
  return results
}

const askedAtOnce = 8

/** How an item ended, of its run. Nothing where it ended well and Trigger.dev does not answer: its key gives it to who asks once more. */
async function resultOfRun({ id, ok }: LaneAnswer['left'][number]): Promise<Result | undefined> {
  const run = await runs.retrieve(id).catch(() => undefined)
  if (ok) return run && { ok, id, output: run.output as unknown }
  const { name = 'Error', message = '', stackTrace } = run?.error ?? {}
  return { ok, id, error: errorOf({ name, message, stack: stackTrace }) }
}
