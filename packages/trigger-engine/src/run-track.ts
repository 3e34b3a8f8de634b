import type { TrackOutcome } from '@track-orchestrator/core'
import { compileOrchestrator, compileTrack, trackOutcomeOf, walkTrack, walkTrackOf, type Walk } from '@track-orchestrator/core/engine'
import { DefinitionError } from '@track-orchestrator/registry'
import { batch, logger, metadata, runs, tags } from '@trigger.dev/sdk'
import { flushDeadlineMs, openTicket, type TriggerContext } from './open-ticket.ts'
import type { TriggerEngine } from './trigger-engine.ts'
import { toTriggerError } from './trigger-error.ts'
import type { OpenedPayload, TrackTicket } from './wire.ts'
import type { World } from './world.ts'

/**
 * A track as part of an orchestrator, a composite track or a forEach, in a Trigger.dev run of its own.
 * Answers its outcome as data, also where it failed: a failed run would lose its key, and be run again by the next track that waits for it.
 */
export async function runTrackTicket(world: World, name: string, { base, input, track: ticket }: OpenedPayload & { readonly track: TrackTicket }, context: TriggerContext, signal: AbortSignal): Promise<TrackOutcome> {
  const { walk, engine, events } = openTicket(world, ticket, base, context, signal)
  try {
    const taken = await world.claims.takeOut(input)
    const outcome = ticket.owner.kind === 'orchestrator' ? await runOfOrchestrator(world, walk, engine, ticket, taken) : await runAlone(world, walk, name, ticket, taken)
    if (outcome.status === 'failed') await tellFailure(ticket, outcome, context)
    if (outcome.status !== 'succeeded') return withoutThrown(outcome)
    return { ...outcome, output: await world.claims.handIn(outcome.output, walk.walkId, `The output of ${ticket.ownPath}`) }
  } finally {
    await events.flush(flushDeadlineMs)
  }
}

async function runOfOrchestrator(world: World, walk: Walk, engine: TriggerEngine, ticket: TrackTicket, input: unknown): Promise<TrackOutcome> {
  const definition = world.orchestrators.get(ticket.owner.name)
  if (!definition) throw toTriggerError(new DefinitionError(`This worker has no orchestrator ${ticket.owner.name}.`))
  const orchestrator = compileOrchestrator(world.registry, definition)
  const outcomes: TrackOutcome[] = []
  // One after the other, for a run waits for one thing at a time; they all go on already, so this costs no time.
  for (const dependency of orchestrator.graph.dependencies[ticket.index]!) {
    const name = orchestrator.graph.names[dependency]!
    const outcome = await engine.joinTrack({ ...ticket, index: dependency, ownPath: `${ticket.path}/${name}` }, walk.base, input)
    if (outcome.status !== 'succeeded') return ticket.onTrackFailure === 'halt' ? { status: 'cancelled', durationMs: 0 } : { status: 'skipped', because: name }
    outcomes[dependency] = outcome
  }
  return walkTrackOf(walk, orchestrator, ticket.index, outcomes, input)
}

function runAlone(world: World, walk: Walk, name: string, ticket: TrackTicket, input: unknown): Promise<TrackOutcome> {
  const definition = world.tracks.get(name)
  if (!definition) throw toTriggerError(new DefinitionError(`This worker has no track ${name}.`))
  return trackOutcomeOf(walk.signal, () => walkTrack(walk, compileTrack(world.registry, definition), input, ticket.ownPath))
}

/** The run ends well, so that its key is kept; that its track failed is told by a tag and in metadata. With `halt`, its siblings are cancelled. */
async function tellFailure(ticket: TrackTicket, outcome: TrackOutcome & { status: 'failed' }, { run, batch: ours }: TriggerContext): Promise<void> {
  metadata.set('trackFailed', { code: outcome.error.code, message: outcome.error.message })
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

function withoutThrown(outcome: TrackOutcome): TrackOutcome {
  if (outcome.status !== 'failed') return outcome
  const { thrown: _thrown, ...data } = outcome
  return data
}
