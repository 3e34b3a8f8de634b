import type { OrchestratorDefinition, RunResult } from '@track-orchestrator/core'
import type { ForkedWalk } from '@track-orchestrator/core/engine'
import { errorToJson, parseBaseFields, toTracksError } from '@track-orchestrator/registry'
import { logger, metadata } from '@trigger.dev/sdk'
import { carriedOf, tellCarried } from '../crossing/carried.ts'
import { openPayload, wholePayload } from '../crossing/payload.ts'
import { seal } from '../crossing/sealed.ts'
import type { SucceededRun, World } from '../world.ts'
import { showCosts } from './show-costs.ts'
import { earlierWalk } from './earlier-walk.ts'
import { endFailed } from './end-run.ts'
import { forgetLimits } from './limits.ts'
import { isLostAttempt, type TriggerContext } from './open-run.ts'
import { runnerOf, type TriggerRunContext } from './runner-of.ts'
import { haltSiblings, runTrackPart } from './run-track.ts'

/** One attempt of a run that walks: a track or orchestrator that a person triggered, or a track as part of another walk. */
export async function runWalk(world: World, name: string, payload: unknown, context: TriggerContext, signal: AbortSignal): Promise<unknown> {
  try {
    const { track, packed } = carriedOf(context.run)
    if (track) return await runTrackPart(world, name, payload, track, context, signal)
    const given = wholePayload(payload, packed)
    const base = parseBaseFields(name, openPayload(given).base)
    const { walkId, earlierRuns, fork } = await earlierWalk(world, name, base, context)
    const output = await runWhole(world, name, given, { ...context, signal, resumeOf: walkId, beganAt: context.run.startedAt?.getTime() }, fork)
    await tellOfSuccess(world, { ...base, name, runId: context.run.id, earlierRuns, output })
    const { value, claim } = await world.claims.handIn(output, walkId, `The output of ${name}`)
    const sent = seal(value)
    if (claim) tellCarried(context.run, { output: claim })
    else if (sent !== value) tellCarried(context.run, { sealed: true })
    else return value
    await metadata.flush()
    return claim ? { storedBytes: claim.sizeBytes } : sent
  } catch (thrown) {
    // Trying a whole walk again cannot help, but where Trigger.dev's answer was lost: what can be tried again was.
    return await endFailed(context, thrown, {}, { isFinal: !isLostAttempt(context), showsPlace: true })
  } finally {
    forgetLimits(context.run.id)
  }
}

/** What is left to do when a run that walks is cancelled: the other tracks of its plan stop, as they would had it failed. */
export async function cancelWalk(world: World, name: string, { run }: TriggerContext): Promise<void> {
  const { track } = carriedOf(run)
  if (track) await haltSiblings(world, name, track)
}

async function runWhole(world: World, name: string, payload: unknown, context: TriggerRunContext, fork: ForkedWalk | undefined): Promise<unknown> {
  const runner = runnerOf(world, undefined, fork)
  const orchestrator = world.orchestrators.get(name)
  if (orchestrator) return runVisibly(runner, orchestrator, payload, context)
  const result = await runner.settleTrack(world.tracks.get(name)!, payload, context)
  if (showCosts(result.costs)) await metadata.flush()
  return outputOf(result)
}

/** Runs an orchestrator; how each of its tracks ended stands in the run's metadata as `tracks`, whatever its policy. */
async function runVisibly(runner: ReturnType<typeof runnerOf>, orchestrator: OrchestratorDefinition, payload: unknown, context: TriggerRunContext): Promise<unknown> {
  const result = await runner.settleOrchestrator(orchestrator, payload, context)
  const tracks = Object.entries(result.tracks).map(([track, { status, ...rest }]) => [track, { status, ...('because' in rest && { because: rest.because }), ...('error' in rest && { error: rest.error }) }])
  metadata.set('tracks', JSON.parse(JSON.stringify(Object.fromEntries(tracks))))
  // The tracks added themselves up meanwhile; one whose message was sent twice, since its answer was lost, counted twice.
  metadata.set('progress', { fraction: 1, tracks: tracks.length, tracksEnded: tracks.length })
  showCosts(result.costs)
  await metadata.flush() // what is left to the end of the run is written after it: who waits for the end would miss it
  return outputOf(result)
}

function outputOf(result: RunResult): unknown {
  if (result.status === 'succeeded') return result.output
  throw result.error
}

async function tellOfSuccess({ onSuccess }: World, run: SucceededRun): Promise<void> {
  try {
    await onSuccess?.(run)
  } catch (thrown) {
    logger.warn(`onSuccess failed: ${toTracksError(thrown).message}`, { error: { ...errorToJson(thrown) } })
  }
}
