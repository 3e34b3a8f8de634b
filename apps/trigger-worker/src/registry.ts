import { forRegistry } from '@track-orchestrator/core'
import { tasks } from '@track-orchestrator/registry/media'

/** The tasks that this worker knows. With a task package of your own: `mergeRegistries(tasks, yourTasks)`. */
export const registry = tasks
export type Registry = typeof registry

/** The functions that define its tracks and orchestrators, checked against these tasks. */
export const { defineTrack, defineCompositeTrack, defineOrchestrator } = forRegistry(registry)
