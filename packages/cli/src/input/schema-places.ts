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
  /** Of a list with a place for each item. */
  readonly prefixItems?: readonly Shape[]
  readonly anyOf?: readonly Shape[]
  readonly oneOf?: readonly Shape[]
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

/** What a value may be, of several. */
function eitherOf(shape: Shape): readonly Shape[] {
  const either = shape.anyOf ?? shape.oneOf
  return either ? either.flatMap(eitherOf) : [shape]
}

/** The shapes that may stand at a place. */
export function shapesAt(shape: Shape | undefined, keys: readonly (string | number)[]): readonly Shape[] {
  if (!shape) return []
  const [key, ...rest] = keys
  if (key === undefined) return eitherOf(shape)
  return eitherOf(shape).flatMap((one) => shapesAt(typeof key === 'number' ? (one.prefixItems?.[key] ?? one.items) : shapeOfKey(one, key), rest))
}

function shapeOfKey({ properties, additionalProperties }: Shape, key: string): Shape | undefined {
  return ownOf(properties, key) ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
}

/** Where in a value the first key stands that its shape does not know, and which it does. A schema would drop it without a word. */
export function unknownKeyIn(value: unknown, shape: Shape | undefined, at: readonly (string | number)[] = []): { readonly path: readonly (string | number)[]; readonly known: readonly string[] } | undefined {
  if (!shape || typeof value !== 'object' || value === null) return undefined
  const either = eitherOf(shape).filter(({ type, properties, items }) => (Array.isArray(value) ? type === 'array' : type === 'object') || (type === undefined && !properties && !items))
  const isClosed = either.length > 0 && either.every(({ properties, additionalProperties }) => properties && additionalProperties !== true && typeof additionalProperties !== 'object')
  const known = either.flatMap(({ properties = {} }) => Object.keys(properties))
  for (const [name, inner] of Object.entries(value)) {
    const key = Array.isArray(value) ? Number(name) : name
    if (isClosed && typeof key === 'string' && !known.includes(key)) return { path: [...at, key], known }
    const shapes = either.flatMap((one) => shapesAt(one, [key]))
    const found = shapes.length === 0 ? undefined : unknownKeyIn(inner, { anyOf: shapes }, [...at, key])
    if (found) return found
  }
  return undefined
}

/** A shape in a few words: `{ url: string, size?: integer }`. */
export function describeShape(shape: Shape, depth = 0): string {
  const either = shape.anyOf ?? shape.oneOf
  if (either) return either.map((one) => describeShape(one, depth)).join(' | ')
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  if (shape.enum) return shape.enum.map((one) => JSON.stringify(one)).join(' | ')
  if (shape.type === 'array') return describeList(shape, depth)
  if (shape.type === 'object') return describeFields(shape, depth)
  return Array.isArray(shape.type) ? shape.type.join(' | ') : ((shape.type as string | undefined) ?? 'any')
}

function describeList({ items, prefixItems }: Shape, depth: number): string {
  const item = items && describeShape(items, depth + 1)
  const list = item === undefined ? 'any[]' : `${/ \| (?![^{]*\})/.test(item) ? `(${item})` : item}[]`
  return prefixItems ? `[${[...prefixItems.map((one) => describeShape(one, depth + 1)), ...(items ? [`...${list}`] : [])].join(', ')}]` : list
}

function describeFields({ properties = {}, required = [], additionalProperties: more }: Shape, depth: number): string {
  const fields = Object.entries(properties)
  if (depth > 1 && fields.length > 0) return '{ … }'
  const named = fields.map(([name, inner]) => `${name}${required.includes(name) && inner.default === undefined ? '' : '?'}: ${describeShape(inner, depth + 1)}`)
  const isOpen = more === true || typeof more === 'object'
  const others = !isOpen ? [] : fields.length === 0 && more !== true && Object.keys(more).length > 0 ? [`[key]: ${describeShape(more, depth + 1)}`] : ['…']
  return named.length + others.length === 0 ? '{}' : `{ ${[...named, ...others].join(', ')} }`
}
