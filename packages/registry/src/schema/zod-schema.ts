import type { $ZodType, $ZodTypes } from 'zod/v4/core'
import { DefinitionError } from '../errors/definition-error.ts'

/** What a schema says of itself. Only read, never changed: the schema may be of another copy of zod. */
export const defOf = (schema: $ZodType): $ZodTypes['_zod']['def'] => (schema as $ZodTypes)._zod.def

/** Which end of a schema: what it takes (`z.input`), or what it makes of it (`z.output`). */
export type End = 'in' | 'out'

/** Throws `DefinitionError` where it is no schema of zod 4. `what`: `The input schema of x`. */
export function checkIsSchema(what: string, schema: unknown): asserts schema is $ZodType {
  if (isRecord(schema) && isRecord(schema._zod) && isRecord(schema._zod.def)) return
  const isZod3 = isRecord(schema) && isRecord(schema._def) && typeof schema._def.typeName === 'string' && schema._def.typeName.startsWith('Zod')
  const advice = isZod3 ? 'It is one of zod 3. Write it with zod 4: `import { z } from "zod"` where zod 4 is installed, or `from "zod/v4"` in zod 3.25.' : 'Write it with zod 4: `import { z } from "zod"`.'
  throw new DefinitionError(`${what} is no schema of zod 4. ${advice}`)
}

/** The schemas of an object's fields, by name. */
export function shapeOf(schema: $ZodType): Readonly<Record<string, $ZodType>> {
  const def = defOf(schema)
  return def.type === 'object' ? def.shape : {}
}

/** Every schema that stands directly inside another. */
export function insideOf(schema: $ZodType): readonly $ZodType[] {
  const def = defOf(schema)
  switch (def.type) {
    case 'object':
      return [...Object.values(def.shape as Record<string, $ZodType>), ...(def.catchall ? [def.catchall] : [])]
    case 'array':
      return [def.element]
    case 'tuple':
      return [...(def.items), ...(def.rest ? [def.rest] : [])]
    case 'record':
    case 'map':
      return [def.keyType, def.valueType]
    case 'set':
      return [def.valueType]
    case 'union':
      return def.options
    case 'intersection':
      return [def.left, def.right]
    case 'lazy':
      return [lazyInner(schema)]
    case 'pipe':
      return [def.in, def.out]
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'success':
    case 'catch':
    case 'readonly':
    case 'promise':
      return [def.innerType]
    default:
      return []
  }
}

/** What a lazy schema stands for. */
export function lazyInner(schema: $ZodType): $ZodType {
  return (schema as unknown as { _zod: { innerType: $ZodType } })._zod.innerType
}

/** The class that `z.instanceof` asks for; nothing for `z.custom`. */
export function classOf(schema: $ZodType): string | undefined {
  const { Class } = schema._zod.bag as { Class?: { readonly name?: unknown } }
  return Class && String(Class.name)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null
}
