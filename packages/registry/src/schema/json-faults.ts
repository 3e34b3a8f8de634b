import type { $ZodType } from 'zod/v4/core'
import { deepest } from '../json/json-copy.ts'
import { classOf, defOf, lazyInner, type End } from './zod-schema.ts'

/** Types whose values JSON cannot say. */
const notJson: Readonly<Record<string, string>> = {
  date: 'a Date',
  bigint: 'a bigint',
  symbol: 'a symbol',
  undefined: 'undefined',
  void: 'undefined',
  nan: 'NaN',
  map: 'a Map',
  set: 'a Set',
  file: 'a File',
  function: 'a function',
  promise: 'a promise',
}

/**
 * What at one end of a schema JSON cannot say, as `list[].at: a Date`; at most five. Values of `any`, `unknown`, `custom` and of
 * transforms are not known before they are there: they are checked then (see `own-value.ts`).
 */
export function jsonFaults(schema: $ZodType, end: End): string[] {
  const search = new FaultSearch(end)
  search.look(schema, '', 0)
  return search.faults
}

const most = 5

class FaultSearch {
  readonly faults: string[] = []
  readonly #end: End
  readonly #seen = new Set<$ZodType>()

  constructor(end: End) {
    this.#end = end
  }

  look(schema: $ZodType, path: string, depth: number): void {
    if (this.#seen.has(schema) || this.faults.length >= most) return
    this.#seen.add(schema)
    if (depth > deepest) return this.#found(path.slice(0, 60), `more than ${deepest} levels`)
    const def = defOf(schema)
    const inside = (inner: $ZodType, step = '') => this.look(inner, path + step, depth + 1)
    /** Items of lists, and values of records: `undefined` is lost there, or becomes `null`. */
    const item = (inner: $ZodType, step: string) => {
      if (mayBeUndefined(inner, this.#end)) this.#found(path + step, `undefined (${step === '.*' ? 'of an optional value' : 'of an optional item'}: use null, or leave it out)`)
      inside(inner, step)
    }
    switch (def.type) {
      case 'object':
        for (const [key, field] of Object.entries(def.shape)) inside(field, path ? `.${key}` : key)
        if (def.catchall) inside(def.catchall, '.*')
        return
      case 'array':
        return item(def.element, '[]')
      case 'tuple':
        def.items.forEach((inner, index) => item(inner, `[${index}]`))
        if (def.rest) item(def.rest, '[]')
        return
      case 'record':
        inside(def.keyType, ' (its keys)')
        return item(def.valueType, '.*')
      case 'union':
        for (const option of def.options) inside(option)
        return
      case 'intersection':
        inside(def.left)
        return inside(def.right)
      case 'lazy':
        return inside(lazyInner(schema))
      case 'pipe':
        return inside(this.#end === 'in' ? def.in : def.out)
      case 'success':
        return this.#end === 'in' ? inside(def.innerType) : undefined // comes out as true or false
      case 'optional':
      case 'nullable':
      case 'default':
      case 'prefault':
      case 'nonoptional':
      case 'catch':
      case 'readonly':
        return inside(def.innerType)
      case 'literal':
        for (const value of def.values) if (!isJsonLiteral(value)) this.#found(path, typeof value === 'bigint' ? 'a bigint' : String(value))
        return
      case 'custom': {
        const className = classOf(schema)
        return className === undefined ? undefined : this.#found(path, `an instance of ${className}`)
      }
      default:
        if (Object.hasOwn(notJson, def.type)) this.#found(path, notJson[def.type]!)
    }
  }

  #found(path: string, what: string): void {
    this.faults.push(path === '' ? what : `${path}: ${what}`)
  }
}

/** Whether the schema takes, or makes, `undefined`, as far as it says so itself. */
function mayBeUndefined(schema: $ZodType, end: End, seen = new Set<$ZodType>()): boolean {
  if (seen.has(schema) || seen.size > deepest) return false
  seen.add(schema)
  const def = defOf(schema)
  const ask = (inner: $ZodType) => mayBeUndefined(inner, end, seen)
  switch (def.type) {
    case 'optional':
      return true
    case 'nullable':
    case 'readonly':
    case 'catch':
      return ask(def.innerType)
    case 'lazy':
      return ask(lazyInner(schema))
    case 'pipe':
      return ask(end === 'in' ? def.in : def.out)
    case 'union':
      return def.options.some(ask)
    case 'intersection':
      return ask(def.left) && ask(def.right)
    default:
      return false
  }
}

function isJsonLiteral(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}
