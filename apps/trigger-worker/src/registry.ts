import { forRegistry } from '@track-orchestrator/core'
import { defineRegistry, mergeRegistries } from '@track-orchestrator/registry'
import { tasks, translateSegments } from '@track-orchestrator/registry/media'

/** The tasks that this worker knows. A task package of your own is one more argument: `mergeRegistries(tasks, …, yourTasks)`. */
export const registry = mergeRegistries(tasks, defineRegistry({ translate_segments: translateSegments }))
export type Registry = typeof registry

/** The functions that define its tracks and orchestrators, checked against these tasks. */
export const { defineTrack, defineCompositeTrack, defineOrchestrator } = forRegistry(registry)
