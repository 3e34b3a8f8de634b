import type { $ZodType } from 'zod/v4/core'
import { createParser } from './parse.ts'
import { defOf, insideOf } from './schema/zod-schema.ts'

/**
 * Checks a value that stands in for what a schema makes of something (`z.output`): a fallback. Throws `ContractError` where it does not fit. Where the schema
 * changes what it is given (pipes, transforms, codecs, overwrites), or answers later, what it makes cannot be told from what it takes, and nothing is checked.
 */
export function checkFitsOutput(schema: $ZodType, owner: string, value: unknown): void {
  if (isChanging(schema, new Set())) return
  const checked = createParser(schema, owner, 'output')(value)
  if (checked instanceof Promise) checked.catch(() => {})
}

const changing: ReadonlySet<string> = new Set(['pipe', 'transform', 'success', 'promise'])

function isChanging(schema: $ZodType, seen: Set<$ZodType>): boolean {
  if (seen.has(schema)) return false
  seen.add(schema)
  const { type, checks } = defOf(schema)
  if (changing.has(type) || checks?.some((check) => check._zod.def.check === 'overwrite' || (check._zod.def.check === 'custom' && (check._zod.def as { fn?: unknown }).fn === undefined))) return true
  return insideOf(schema).some((inner) => isChanging(inner, seen))
}
