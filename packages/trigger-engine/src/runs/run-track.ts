import type { TrackOutcome } from '@track-orchestrator/core'
import { compileOrchestrator, compileTrack, trackOutcomeOf, walkTrack, walkTrackOf, type Walk } from '@track-orchestrator/core/engine'
import { DefinitionError, errorAt, errorToJson, toTracksError } from '@track-orchestrator/registry'
import { batch, logger, metadata, runs, tags } from '@trigger.dev/sdk'
import { answerOfTrack, type TrackAnswer } from '../crossing/answer.ts'
import { carriedOf, restoreCarried } from '../crossing/carried.ts'
import { openPayload } from '../crossing/payload.ts'
import type { TrackTicket } from '../crossing/ticket.ts'
import type { TriggerEngine } from '../engine/trigger-engine.ts'
import type { World } from '../world.ts'
import { flushDeadlineMs, openWalk, type TriggerContext } from './open-run.ts'

/**
 * A track as part of an orchestrator, a composite track or a forEach, in a Trigger.dev run of its own.
 * Answers its outcome as data, also where it failed: a failed run would lose its key, and be run again by the next track that waits for it.
 */
export async function runTrackPart(world: World, name: string, payload: unknown, ticket: TrackTicket, context: TriggerContext, signal: AbortSignal): Promise<TrackAnswer> {
  const { base, input } = openPayload(payload, ticket)
  const { walk, engine, events } = openWalk(world, ticket, base, context, signal)
  try {
    const answer = await walkPart(world, name, walk, engine, ticket, input, context)
    if (answer.status === 'failed') await tellFailure(ticket, answer, context)
    return answer
  } finally {
    restoreCarried(context.run)
    await events.flush(flushDeadlineMs)
  }
}

/** Walks the track. Where its input or output cannot be moved, the track has failed: walking it again would not mend the store. */
async function walkPart({ claims, ...world }: World, name: string, walk: Walk, engine: TriggerEngine, ticket: TrackTicket, input: unknown, { run }: TriggerContext): Promise<TrackAnswer> {
  const startedAt = Date.now()
  const { walkId, ownPath, owner } = ticket
  try {
    const claim = carriedOf(run).input
    const given = await claims.takeOut(claim ? { claim } : { value: input }, walkId, `The input of ${ownPath}`)
    const outcome = owner.kind === 'orchestrator' ? await runOfOrchestrator(world, walk, engine, ticket, given) : await runAlone(world, walk, name, ticket, given)
    return await answerOfTrack(outcome, claims, walkId, ownPath)
  } catch (thrown) {
    const error = errorAt(toTracksError(thrown), { track: name })
    return { status: 'failed', error: errorToJson(error), durationMs: Date.now() - startedAt }
  }
}

type Definitions = Pick<World, 'registry' | 'tracks' | 'orchestrators'>

async function runOfOrchestrator({ registry, orchestrators }: Definitions, walk: Walk, engine: TriggerEngine, ticket: TrackTicket, input: unknown): Promise<TrackOutcome> {
  const definition = orchestrators.get(ticket.owner.name)
  if (!definition) throw new DefinitionError(`This worker has no orchestrator ${ticket.owner.name}.`)
  const orchestrator = compileOrchestrator(registry, definition)
  const outcomes: TrackOutcome[] = []
  // One after the other, for a run waits for one thing at a time; they all go on already, so this costs no time.
  for (const dependency of orchestrator.graph.dependencies[ticket.index]!) {
    const name = orchestrator.graph.names[dependency]!
    const outcome = await engine.joinTrack({ ticket: { ...ticket, index: dependency, ownPath: `${ticket.path}/${name}` }, base: walk.base, input })
    if (outcome.status !== 'succeeded') return ticket.onTrackFailure === 'continue' ? { status: 'skipped', because: name } : { status: 'cancelled', durationMs: 0 }
    outcomes[dependency] = outcome
  }
  return walkTrackOf(walk, orchestrator, ticket.index, outcomes, input)
}

function runAlone({ registry, tracks }: Definitions, walk: Walk, name: string, ticket: TrackTicket, input: unknown): Promise<TrackOutcome> {
  const definition = tracks.get(name)
  if (!definition) throw new DefinitionError(`This worker has no track ${name}.`)
  return trackOutcomeOf(walk.signal, () => walkTrack(walk, compileTrack(registry, definition), input, ticket.ownPath))
}

/** The run ends well, so that its key is kept; that its track failed is told by a tag and in metadata. With `halt`, its siblings are cancelled. */
async function tellFailure(ticket: TrackTicket, { error: { code, message } }: TrackAnswer & { status: 'failed' }, { run, batch: ours }: TriggerContext): Promise<void> {
  metadata.set('trackFailed', { code, message })
  const halting = async () => {
    if (ticket.onTrackFailure !== 'halt' || !ours) return
    const { runs: siblings } = await batch.retrieve(ours.id)
    await Promise.allSettled(siblings.filter((id) => id !== run.id).map((id) => runs.cancel(id)))
  }
  // Neither may fail this run: the track would be walked again.
  for (const result of await Promise.allSettled([tags.add('track-failed'), halting()])) {
    if (result.status === 'rejected') logger.warn('The failure of the track could not be told everywhere', { reason: String(result.reason) })
  }
}
