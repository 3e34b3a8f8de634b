import type { OrchestratorDefinition, TrackDefinition } from '@track-orchestrator/core'
import type { Registry } from '@track-orchestrator/registry'
import { toJSONSchema, type $ZodType } from 'zod/v4/core'

/** JSON Schema, as far as it is read here. */
export interface Shape {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Shape
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly description?: string
}

export type Runnable = { readonly kind: 'orchestrator'; readonly definition: OrchestratorDefinition } | { readonly kind: 'track'; readonly definition: TrackDefinition } | { readonly kind: 'task'; readonly name: string }

/** The schemas that a definition's input must fit, as it is given: its own, or those of what takes it as it is. */
export function inputSchemasOf(registry: Registry, runnable: Runnable): $ZodType[] {
  if (runnable.kind === 'task') return [registry[runnable.name]!.input]
  if (runnable.kind === 'track') return trackSchemas(registry, runnable.definition)
  const { input, tracks, trackDependencies = {}, trackInputMappings = {} } = runnable.definition
  const isRoot = ({ name }: TrackDefinition) => !ownOf(trackDependencies, name)?.length && !ownOf(trackInputMappings, name)
  return input ? [input] : tracks.filter(isRoot).flatMap((track) => trackSchemas(registry, track))
}

function trackSchemas(registry: Registry, { input, tasks }: TrackDefinition): $ZodType[] {
  if (input) return [input]
  const [first] = tasks
  if (!first || first.inputMapper || first.forEach !== undefined || first.when) return []
  const { track } = first
  return track ? trackSchemas(registry, track) : [registry[first.taskName]!.input]
}

/** What stands under a name that may be called what every object has: `constructor`. */
export function ownOf<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined
}

/** What a definition takes, where that can be told. */
export function inputShapeOf(registry: Registry, runnable: Runnable): Shape | undefined {
  const shapes = inputSchemasOf(registry, runnable).map(shapeOf)
  if (shapes.length < 2 || shapes.some((shape) => shape?.properties === undefined)) return shapes.length === 1 ? shapes[0] : undefined
  return {
    type: 'object',
    properties: Object.assign({}, ...shapes.map((shape) => shape!.properties)) as Record<string, Shape>,
    required: [...new Set(shapes.flatMap((shape) => shape!.required ?? []))],
  }
}

export function shapeOf(schema: $ZodType): Shape | undefined {
  try {
    return toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline', cycles: 'ref' }) as Shape
  } catch {
    return undefined // it runs all the same, and is checked then
  }
}

/** The shapes that may stand at a place. */
export function shapesAt(shape: Shape | undefined, keys: readonly (string | number)[]): readonly Shape[] {
  if (!shape) return []
  const either = shape.anyOf ?? [shape]
  const [key, ...rest] = keys
  if (key === undefined) return either
  return either.flatMap((one) => {
    const inner = typeof key === 'number' ? one.items : (ownOf(one.properties, key) ?? (typeof one.additionalProperties === 'object' ? one.additionalProperties : undefined))
    return shapesAt(inner, rest)
  })
}

/** A shape in a few words: `{ url: string, size?: integer }`. */
export function describeShape(shape: Shape, depth = 0): string {
  if (shape.anyOf) return shape.anyOf.map((one) => describeShape(one, depth)).join(' | ')
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  if (shape.enum) return shape.enum.map((one) => JSON.stringify(one)).join(' | ')
  if (shape.type === 'array') return `${shape.items ? describeShape(shape.items, depth + 1) : 'any'}[]`
  if (!shape.properties) return Array.isArray(shape.type) ? shape.type.join(' | ') : ((shape.type as string | undefined) ?? 'any')
  if (depth > 1) return '{ … }'
  const fields = Object.entries(shape.properties).map(([name, inner]) => `${name}${shape.required?.includes(name) && inner.default === undefined ? '' : '?'}: ${describeShape(inner, depth + 1)}`)
  return `{ ${fields.join(', ')} }`
}
