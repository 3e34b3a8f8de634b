import { DefinitionError } from '@track-orchestrator/registry'
import { metadata, wait } from '@trigger.dev/sdk'
import type { TrackAnswer } from '../crossing/answer.ts'
import { carriedOf } from '../crossing/carried.ts'
import { openPayload } from '../crossing/payload.ts'
import { seal, unseal, type Sealed } from '../crossing/sealed.ts'
import type { LaneTicket } from '../crossing/ticket.ts'
import { HaltWatch } from '../engine/halt.ts'
import { answerOfLane, openPlan, type LaneAnswer } from '../engine/lane-plan.ts'
import { LaneTurns } from '../engine/lane-turns.ts'
import { laneTask } from '../engine/make-item.ts'
import { runItems } from '../engine/run-items.ts'
import type { Result } from '../engine/start-items.ts'
import type { World } from '../world.ts'
import { endFailed } from './end-run.ts'
import type { TriggerContext } from './open-run.ts'

/** One attempt of a lane: starts one item of a fan-out after the other, and waits for each. Answers how they ended; which of them it starts is found out on the way. */
export async function runLane(world: World, payload: unknown, context: TriggerContext, signal: AbortSignal): Promise<LaneAnswer | Sealed> {
  try {
    const { lane, input: claim } = carriedOf(context.run)
    if (!lane) throw new DefinitionError(`${laneTask} is started by fan-outs alone. Trigger the track, the orchestrator or the task.`)
    const plan = await world.claims.takeOut(claim ? { claim } : { value: openPayload(payload, lane).input }, lane.walkId, 'The items of a fan-out')
    return seal(answerOfLane(await walkLane(lane, String(plan), context, signal)))
  } catch (thrown) {
    return await endFailed(context, thrown)
  }
}

async function walkLane(lane: LaneTicket, plan: string, { run, attempt }: TriggerContext, signal: AbortSignal) {
  const items = openPlan(plan)
  const own = { id: run.id, createdAt: lane.since === undefined ? run.createdAt : new Date(lane.since), attempt: attempt?.number ?? 1, priority: run.priority, tags: run.tags ?? [], signal }
  const watch = new HaltWatch(lane.halts)
  const turns = new LaneTurns(lane, items.length, run.id)
  const ended: { readonly index: number; readonly result: Result }[] = []
  const waiting = await turns.begin(own.attempt)
  for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
    const result = (await runItems([items[index]!], own))[0]!
    ended.push({ index, result })
    const goesOn = howEnded(lane, result) !== lane.stopsAt
    const [isHalted, next] = await Promise.all([watch.look(), goesOn && waiting.length === 0 ? turns.next() : undefined, tellProgress(lane, result), goesOn ? undefined : tellFailure(lane, result)])
    if (!goesOn || isHalted || signal.aborted) break
    if (next !== undefined) waiting.push(next)
  }
  return ended
}

/** A run whose track failed has succeeded itself, and says so. One that somebody cancelled is as good as failed. */
function howEnded({ of }: LaneTicket, result: Result): 'success' | 'failure' {
  if (!result.ok) return 'failure'
  return of === 'calls' || unseal(result.output as TrackAnswer | Sealed).status === 'succeeded' ? 'success' : 'failure'
}

/** Sent at once: what is left to the end of a run may come when the run that waits for it has told the end of all. */
async function tellProgress({ items }: LaneTicket, { ok }: Result): Promise<void> {
  if (!ok || items === undefined) return
  metadata.parent.increment('$.progress.fraction', 1 / items)
  await metadata.flush()
}

/** A run that has died tells nobody. A token that is completed already stays as it is; one that cannot be completed stops nobody. */
async function tellFailure({ stop }: LaneTicket, { ok }: Result): Promise<void> {
  if (!ok && stop) await wait.completeToken(stop.token, { failed: stop.failed }).catch(() => {})
}
