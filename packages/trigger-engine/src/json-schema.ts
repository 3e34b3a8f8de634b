import type { Registry } from '@track-orchestrator/registry'
import type { CompositeTrackDefinition, TrackDefinition } from '@track-orchestrator/core'
import type { task } from '@trigger.dev/sdk'
import { toJSONSchema, type $ZodType } from 'zod/v4/core'

export type PayloadSchema = NonNullable<Parameters<typeof task>[0]['jsonSchema']>

const baseProperties = {
  tenantId: { type: 'string', minLength: 1, maxLength: 128 },
  projectId: { type: 'string', minLength: 1, maxLength: 128 },
  userId: { type: 'string', minLength: 1, maxLength: 128 },
  trampData: { type: 'object' },
} as const

/** The JSON schema of a payload: the input's own fields, and the base fields. For the dashboard, and for whoever triggers by hand. */
export function payloadSchema(input: $ZodType | undefined): PayloadSchema {
  const own = (input ? toJSONSchema(input, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) : {}) as { properties?: object; required?: string[] }
  const properties = { ...own.properties, ...baseProperties }
  return { ...own, type: 'object', properties, required: ['tenantId', 'projectId', ...(own.required ?? [])], additionalProperties: true }
}

/** What checks a track's input: its own schema, else that of its first task, if nothing is mapped on the way there. */
export function inputSchemaOf(registry: Registry, track: TrackDefinition): $ZodType | undefined {
  if (track.input) return track.input
  const [first] = track.tasks
  if (!first) return (track as Partial<CompositeTrackDefinition>).subTracks?.map((sub) => inputSchemaOf(registry, sub)).find(Boolean)
  if (first.inputMapper || first.forEach !== undefined) return undefined
  return first.track ? inputSchemaOf(registry, first.track) : registry[first.taskName]?.input
}
