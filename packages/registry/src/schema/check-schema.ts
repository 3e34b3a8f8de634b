import type { $ZodType } from 'zod/v4/core'
import { baseFieldNames } from '../base-fields.ts'
import { toTracksError } from '../errors/error-json.ts'
import { DefinitionError } from '../errors/definition-error.ts'
import { deepest } from '../json/json-copy.ts'
import { jsonFaults } from './json-faults.ts'
import { checkIsSchema, defOf, lazyInner, shapeOf, type End } from './zod-schema.ts'

/**
 * Checks the schema of a task's, track's or orchestrator's input or output when it is defined. `ends`: which of its ends must be JSON, for
 * they cross processes: of a task's input what it takes (`in`), of its output what it makes (`out`), of a track's own input both.
 * Throws `DefinitionError` where it is no schema of zod 4, holds there what JSON cannot say (a Date, a Map, a bigint, `undefined` in a
 * list, …), or has names of its own for base fields, or any names at all (a record): those travel beside the input.
 */
export function checkSchema(owner: string, side: 'input' | 'output', schema: unknown, ends: readonly End[]): asserts schema is $ZodType {
  checkIsSchema(`The ${side} schema of ${owner}`, schema)
  for (const end of ends) {
    const faults = faultsOf(owner, side, schema, end)
    if (faults.length > 0) {
      throw new DefinitionError(`The ${side} schema of ${owner} holds something JSON cannot (${faults.join('; ')}). Pass dates as ISO strings, maps as objects, media as URLs.`)
    }
    checkBaseFields(owner, side, schema, end)
  }
}

function faultsOf(owner: string, side: 'input' | 'output', schema: $ZodType, end: End): string[] {
  try {
    return jsonFaults(schema, end)
  } catch (cause) {
    // A getter of the schema, or what a lazy one calls, is a function of its author's.
    throw new DefinitionError(`The ${side} schema of ${owner} cannot be looked into: ${toTracksError(cause).message}`, { cause })
  }
}

function checkBaseFields(owner: string, side: 'input' | 'output', schema: $ZodType, end: End): void {
  const tops = topsOf(schema, end, new Set())
  const declared = baseFieldNames.filter((name) => tops.some((top) => Object.hasOwn(shapeOf(top), name)))
  if (declared.length > 0) {
    throw new DefinitionError(`The ${side} of ${owner} declares ${declared.join(', ')}: base fields travel beside the input, and every task is given them in its context. Give the field another name.`)
  }
  const open = baseFieldNames.filter((name) => tops.some((top) => takesKey(top, name)))
  if (open.length > 0) {
    throw new DefinitionError(`The ${side} of ${owner} is a record: a key such as ${open[0]} would be taken for a base field, and lost. Put the record into a field of an object.`)
  }
}

/** The objects and records that the value itself may be. */
function topsOf(schema: $ZodType, end: End, seen: Set<$ZodType>): $ZodType[] {
  if (seen.has(schema) || seen.size > deepest) return []
  seen.add(schema)
  const def = defOf(schema)
  const look = (inner: $ZodType) => topsOf(inner, end, seen)
  switch (def.type) {
    case 'object':
    case 'record':
      return [schema]
    case 'union':
      return def.options.flatMap(look)
    case 'intersection':
      return [...look(def.left), ...look(def.right)]
    case 'lazy':
      return look(lazyInner(schema))
    case 'pipe':
      return look(end === 'in' && defOf(def.in).type !== 'transform' ? def.in : def.out)
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'catch':
    case 'readonly':
      return look(def.innerType)
    default:
      return []
  }
}

const promisesNothing = new Set(['any', 'unknown', 'never'])

/** Whether it is a record with room for a key of that name, or an object that says what its other keys hold. A loose object promises nothing of them. */
function takesKey(schema: $ZodType, name: string): boolean {
  const def = defOf(schema)
  if (def.type === 'object') return def.catchall !== undefined && !promisesNothing.has(defOf(def.catchall).type)
  if (def.type !== 'record') return false
  try {
    const result = def.keyType._zod.run({ value: name, issues: [] }, { async: false })
    return result instanceof Promise || result.issues.length === 0
  } catch {
    return true
  }
}
