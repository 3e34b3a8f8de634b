import type { TrackOutcome } from '@track-orchestrator/core'
import { compileOrchestrator, compileTrack, trackOutcomeOf, walkTrack, walkTrackOf, type Walk } from '@track-orchestrator/core/engine'
import { DefinitionError, errorAt, errorFromJson, errorToJson, toTracksError } from '@track-orchestrator/registry'
import { logger, metadata, tags } from '@trigger.dev/sdk'
import { answerOfTrack, type TrackAnswer } from '../crossing/answer.ts'
import { carriedOf, restoreCarried } from '../crossing/carried.ts'
import { openPayload } from '../crossing/payload.ts'
import { seal, type Sealed } from '../crossing/sealed.ts'
import type { TrackTicket } from '../crossing/ticket.ts'
import { cancelBelow, claimVictory, halt, HaltWatch } from '../engine/halt.ts'
import { failedTag, laneTask } from '../engine/make-item.ts'
import type { TriggerEngine } from '../engine/trigger-engine.ts'
import type { World } from '../world.ts'
import { isLostAttempt, openWalk, type TriggerContext } from './open-run.ts'

/**
 * A track as part of an orchestrator, a composite track or a forEach, in a Trigger.dev run of its own.
 * Answers its outcome as data, also where it failed: a failed run would lose its key, and be run again by the next track that waits for it.
 */
export async function runTrackPart(world: World, name: string, payload: unknown, ticket: TrackTicket, context: TriggerContext, signal: AbortSignal): Promise<TrackAnswer | Sealed> {
  const { base, input } = openPayload(payload, ticket)
  const watch = watchOf(ticket)
  const opened = openWalk(world, ticket, base, context, AbortSignal.any([signal, watch.signal]), watch)
  const { engine, flush } = opened
  const beganAt = context.run.startedAt?.getTime()
  const walk: Walk = { ...opened.walk, ...(beganAt !== undefined && { beganAt: { path: ticket.ownPath, at: beganAt } }) }
  try {
    // A track that begins after a failure of another, for it was queued until then, does not begin. One that waits for others first looks after that.
    if (walk.deadline?.look() || (!waitsForOthers(world, ticket) && (await watch.look(ticket.halt === undefined ? [] : [ticket.halt])))) {
      tellOwner(ticket, context)
      return { status: 'cancelled', durationMs: 0 }
    }
    const walked = await walkPart(world, name, walk, engine, watch, ticket, input, context)
    const ended = walked.status === 'succeeded' && !(await wins(world, ticket)) ? ({ status: 'cancelled', durationMs: walked.durationMs } as const) : walked
    const costs = walk.ledger.parts()
    const answer: TrackAnswer = { ...ended, ...(costs && { costs }) }
    // This attempt is tried again: the track has not ended.
    if (answer.status === 'failed' && isLostAttempt(context)) throw errorFromJson(answer.error)
    if (answer.status === 'failed') await tellFailure(world, name, ticket, answer)
    tellOwner(ticket, context)
    const logsAwayAt = await flush()
    return seal({ ...answer, ...(logsAwayAt !== undefined && { logsAwayAt }) })
  } finally {
    opened.close()
    restoreCarried(context.run)
    await flush() // also where the walk is given up; what was waited for is not waited for again
  }
}

/** The run of the orchestrator waits meanwhile, and cannot tell itself how far it is. */
function tellOwner({ owner, ownerRun, siblings }: TrackTicket, { run }: TriggerContext): void {
  if (owner.kind !== 'orchestrator' || siblings === undefined) return
  // A track that a sibling started first is that sibling's child.
  const its = run.parentTaskRunId === ownerRun ? metadata.parent : run.rootTaskRunId === ownerRun ? metadata.root : undefined
  its?.increment('$.progress.tracksEnded', 1).increment('$.progress.fraction', 1 / siblings)
}

/** Under `stop`, a track that has begun goes on to its end. */
function watchOf({ halt: own, outerHalts, onTrackFailure, race, ownPath }: TrackTicket): HaltWatch {
  return new HaltWatch(own !== undefined && (onTrackFailure === 'halt' || race) ? [...outerHalts, own] : outerHalts, ownPath)
}

/** Whether a track that succeeded may say so: in a race, only the first may, and it stops the others. */
async function wins(world: World, { race, halt: token, ownPath, ownerRun }: TrackTicket): Promise<boolean> {
  if (!race || token === undefined) return true
  if (!(await claimVictory(token, ownPath))) return false
  await cancelBelow(ownerRun, walkersOf(world)).catch((reason: unknown) => logger.warn('The others of the race could not all be stopped', { reason: String(reason) }))
  return true
}

/** Walks the track. Where its input or output cannot be moved, the track has failed: walking it again would not mend the store. */
async function walkPart({ claims, ...world }: World, name: string, walk: Walk, engine: TriggerEngine, watch: HaltWatch, ticket: TrackTicket, input: unknown, { run }: TriggerContext): Promise<TrackAnswer> {
  const startedAt = Date.now()
  const { walkId, ownPath, owner } = ticket
  try {
    const claim = carriedOf(run).input
    const given = await claims.takeOut(claim ? { claim } : { value: input }, walkId, `The input of ${ownPath}`)
    const outcome = owner.kind === 'orchestrator' ? await runOfOrchestrator(world, walk, engine, watch, ticket, given) : await runAlone(world, walk, name, ticket, given)
    return await answerOfTrack(outcome, claims, walkId, ownPath)
  } catch (thrown) {
    const error = errorAt(toTracksError(thrown), { track: name })
    return { status: 'failed', error: errorToJson(error), durationMs: Date.now() - startedAt }
  }
}

type Definitions = Pick<World, 'registry' | 'tracks' | 'orchestrators'>

function orchestratorOf({ registry, orchestrators }: Definitions, { owner }: TrackTicket) {
  const definition = orchestrators.get(owner.name)
  if (!definition) throw new DefinitionError(`This worker has no orchestrator ${owner.name}.`)
  return compileOrchestrator(registry, definition)
}

function waitsForOthers(world: Definitions, ticket: TrackTicket): boolean {
  return ticket.owner.kind === 'orchestrator' && world.orchestrators.has(ticket.owner.name) && orchestratorOf(world, ticket).graph.dependencies[ticket.index]!.length > 0
}

async function runOfOrchestrator(world: Definitions, walk: Walk, engine: TriggerEngine, watch: HaltWatch, ticket: TrackTicket, input: unknown): Promise<TrackOutcome> {
  const orchestrator = orchestratorOf(world, ticket)
  const outcomes: TrackOutcome[] = []
  // One after the other: they all go on already, so only what has ended before costs time, about a second each. A batch of them all would be one wait,
  // but takes a token for each, ends the attempt where its answer is lost (`AnswerLost`), and has been reported to wait for ever where all its items
  // exist already (https://github.com/triggerdotdev/trigger.dev/issues/1957). On the local API, in a graph of 3 x 5 light tracks that wait for two
  // each, it saved a fifth of the requests and a tenth of the time.
  for (const dependency of orchestrator.graph.dependencies[ticket.index]!) {
    const name = orchestrator.graph.names[dependency]!
    const outcome = await engine.joinTrack({ ticket: { ...ticket, index: dependency, ownPath: `${ticket.path}/${name}` }, ledger: walk.ledger, base: walk.base, input })
    if (outcome.status !== 'succeeded') return ticket.onTrackFailure === 'continue' ? { status: 'skipped', because: name } : { status: 'cancelled', durationMs: 0 }
    outcomes[dependency] = outcome
  }
  // What it does not depend on may have failed meanwhile.
  if (outcomes.length > 0 && (await watch.look(ticket.halt === undefined ? [] : [ticket.halt]))) return { status: 'cancelled', durationMs: 0 }
  return walkTrackOf(walk, orchestrator, ticket.index, outcomes, input)
}

function runAlone({ registry, tracks }: Definitions, walk: Walk, name: string, ticket: TrackTicket, input: unknown): Promise<TrackOutcome> {
  const definition = tracks.get(name)
  if (!definition) throw new DefinitionError(`This worker has no track ${name}.`)
  return trackOutcomeOf(walk.signal, () => walkTrack(walk, compileTrack(registry, definition), input, ticket.ownPath))
}

/** The run ends well, so that its key is kept; that its track failed is told by a tag and in metadata, and to its siblings. */
async function tellFailure(world: World, name: string, ticket: TrackTicket, { error: { code, message } }: TrackAnswer & { status: 'failed' }): Promise<void> {
  metadata.set('trackFailed', { code, message })
  // Neither may fail this run: the track would be walked again.
  for (const result of await Promise.allSettled([tags.add(failedTag), haltSiblings(world, name, ticket)])) {
    if (result.status === 'rejected') logger.warn('The failure of the track could not be told everywhere', { reason: String(result.reason) })
  }
}

/** A track that a person cancels stops its siblings as one that fails does. */
export async function haltSiblings(world: World, name: string, { onTrackFailure, halt: token, ownerRun, owner }: TrackTicket): Promise<void> {
  if (onTrackFailure === 'continue') return
  const failed = owner.kind === 'forEach' ? `an item of ${owner.name}` : name
  await halt({ token, failed, ...(onTrackFailure === 'halt' && { ownerRun }), isWalker: walkersOf(world) })
}

/** Tells runs that walk, and so stop by themselves, from runs of tasks. */
function walkersOf({ tracks, orchestrators }: World): (task: string) => boolean {
  return (task) => tracks.has(task) || orchestrators.has(task) || task === laneTask
}
