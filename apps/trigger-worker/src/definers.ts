import { forRegistry } from '@track-orchestrator/core'
import { tasks } from '@track-orchestrator/registry/media'

/** The functions that define this worker's tracks and orchestrators, bound to its registry: the media tasks. */
export const { defineTrack, defineCompositeTrack, defineOrchestrator } = forRegistry(tasks)
