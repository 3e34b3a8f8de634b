import type { Registry } from '@track-orchestrator/registry'
import { checkOrchestrator } from '../definition/check-orchestrator.ts'
import { checkTrack } from '../definition/check-track.ts'
import { isWait, waitName, type CompositeTrackDefinition, type OrchestratorDefinition, type TrackDefinition, type TrackTaskDefinition } from '../definition/definition.ts'
import { rememberRegistry } from '../definition/registry-of.ts'
import type { DefineCompositeTrack } from './define-composite-track.ts'
import type { DefineOrchestrator } from './define-orchestrator.ts'
import type { DefineTrack } from './define-track.ts'

/** The three functions that make definitions, bound to a registry. */
export interface ForRegistry<R extends Registry> {
  readonly defineTrack: DefineTrack<R>
  readonly defineCompositeTrack: DefineCompositeTrack<R>
  readonly defineOrchestrator: DefineOrchestrator<R>
}

/**
 * Gives the functions that make tracks, composite tracks and orchestrators of the registry's tasks, wired under the
 * compiler's eyes. They return plain data and run nothing. What a compiler cannot see they check when called, and throw
 * `DefinitionError`: see `checkTrack` and `checkOrchestrator`.
 */
export function forRegistry<const R extends Registry>(tasks: R): ForRegistry<R>
// Inside, definitions are untyped data: the types above were checked where they were written.
export function forRegistry(tasks: Registry): object {
  const defineTrack = (written: TrackDefinition): TrackDefinition => {
    const track = { ...written, tasks: written.tasks.map(named) }
    checkTrack(tasks, track)
    return rememberRegistry(track, tasks)
  }
  const defineCompositeTrack = (written: WrittenComposite): CompositeTrackDefinition => {
    const track = { ...written, tasks: (written.tasks ?? []).map(named), subTracks: [...written.subTracks] }
    checkTrack(tasks, track)
    return rememberRegistry(track, tasks)
  }
  const defineOrchestrator = (written: OrchestratorDefinition): OrchestratorDefinition => {
    const orchestrator = { ...written, tracks: [...written.tracks] }
    checkOrchestrator(tasks, orchestrator)
    return rememberRegistry(orchestrator, tasks)
  }
  return { defineTrack, defineCompositeTrack, defineOrchestrator }
}

type WrittenComposite = Omit<CompositeTrackDefinition, 'tasks'> & Partial<Pick<CompositeTrackDefinition, 'tasks'>>

/** The step as engines read it: one that runs a track goes by the track's name. What contradicts that is left for `checkTrack`. */
function named(step: TrackTaskDefinition): TrackTaskDefinition {
  return { ...step, taskName: step.taskName || (step.track?.name ?? (isWait(step) ? waitName : '')) }
}
