import { compileOrchestrator, compileTrack, placesOfOrchestrator, placesOfTrack, planFork } from '@track-orchestrator/core/engine'
import type { BaseFields } from '@track-orchestrator/registry'
import { carriedOf, tellCarried } from '../crossing/carried.ts'
import { earlierRun, type EarlierWalk, type ForkFrom } from '../crossing/resume.ts'
import type { World } from '../world.ts'
import type { TriggerContext } from './open-run.ts'

/** The walk that this run goes on with, or forks from another one; a new one where it was asked for neither. What comes of it stands in the run's metadata, for who goes on with this one. */
export async function earlierWalk(world: World, name: string, base: BaseFields, { run }: TriggerContext): Promise<EarlierWalk> {
  const { resumeOf, forkOf } = carriedOf(run)
  if (forkOf === undefined && resumeOf === undefined) return { walkId: run.id, earlierRuns: [] }
  const walk = forkOf ? await forkedWalk(world, name, base, run, forkOf) : await resumedWalk(name, base, resumeOf!)
  tellCarried(run, { walk })
  return walk
}

async function resumedWalk(name: string, base: BaseFields, runId: string): Promise<EarlierWalk> {
  const { walk } = await earlierRun('resumeOf', runId, name, base)
  return { ...walk, earlierRuns: [...walk.earlierRuns, runId] }
}

/** A walk of its own: what it does anew is remembered under its own id, and the rest under that of whom it takes it over from. */
async function forkedWalk({ registry, tracks, orchestrators }: World, name: string, base: BaseFields, run: TriggerContext['run'], { runId, ...asked }: ForkFrom & { readonly runId: string }): Promise<EarlierWalk> {
  const { payload, walk } = await earlierRun('forkOf', runId, name, base)
  const orchestrator = orchestrators.get(name)
  const places = orchestrator ? placesOfOrchestrator(compileOrchestrator(registry, orchestrator)) : placesOfTrack(compileTrack(registry, tracks.get(name)!), name)
  const { fork, anew } = planFork({ runId, payload, ...(walk.fork && { fork: walk.fork }) }, places, asked)
  const before = walk.fork?.branches ?? [{ walkId: walk.walkId, anew: [] }]
  return { walkId: run.id, earlierRuns: [], fork: { branches: [{ walkId: run.id, anew }, ...before], ...(fork.amendments && { amendments: fork.amendments }) } }
}
