import { blot } from './blot.ts'
import { granting, looksSecret } from './granting-name.ts'
import { redact } from './redact.ts'

const deepest = 12
/** Values in all, keys and items included: enough for any payload, and quickly done. */
const mostValues = 100_000
/** How often what was told already is told again: once more is legible, a knot of references is not. */
const mostRepeats = 100
const longestKey = 200

/**
 * A copy of a value as plain JSON, with secrets blotted out: in its texts and keys, and whole under keys such as `apiKey` or `authorization`.
 * Takes anything, and never throws: errors become name, message and fields, maps and headers objects, sets lists, dates and URLs texts. What is
 * nested too deep, refers to itself, is too much, or cannot be read, says so in its place.
 */
export function redactValue(value: unknown): unknown {
  return new Redactor().copy(value, 0)
}

class Redactor {
  private _left = mostValues
  private _repeats = mostRepeats
  private readonly _above = new Set<object>()
  private readonly _told = new Set<object>()

  copy(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        return redact(value)
      case 'number':
        return Number.isFinite(value) ? value : String(value)
      case 'bigint':
      case 'symbol':
        return redact(value)
      case 'function':
        return '[function]'
      case 'object':
        return value === null ? null : this._object(value, depth)
      default:
        return value
    }
  }

  private _object(value: object, depth: number): unknown {
    if (this._above.has(value)) return '[circular]'
    if (depth >= deepest) return '[too deep]'
    if (this._told.has(value) && --this._repeats < 0) return '[told above]'
    this._told.add(value)
    this._above.add(value)
    try {
      return this._contents(value, depth + 1)
    } catch {
      return '[unreadable]'
    } finally {
      this._above.delete(value)
    }
  }

  private _contents(value: object, depth: number): unknown {
    if (Array.isArray(value)) return this._list(value, value.length, depth)
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
    if (/^\[object (?:String|Number|Boolean)\]$/.test(Object.prototype.toString.call(value))) return this.copy(value.valueOf(), depth)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
    if (value instanceof RegExp || value instanceof URL || value instanceof URLSearchParams) return redact(value instanceof URLSearchParams ? `?${String(value)}` : String(value))
    if (value instanceof Promise) return '[promise]'
    if (value instanceof Set) return this._list([...value.values()], value.size, depth)
    if (value instanceof Map || (typeof Headers !== 'undefined' && value instanceof Headers)) return this._fields([...(value as Map<unknown, unknown>).entries()], depth)
    if (isError(value)) return this._fields(errorEntries(value), depth)
    const { toJSON } = value as { toJSON?: unknown }
    if (typeof toJSON === 'function') return this.copy((toJSON as () => unknown).call(value), depth)
    const entries = entriesOf(value)
    return entries.length === 0 ? emptyOf(value) : this._fields(entries, depth)
  }

  private _list(list: readonly unknown[], length: number, depth: number): unknown[] {
    const copies: unknown[] = []
    for (let index = 0; index < length; index++) {
      if (--this._left < 0) {
        copies.push(`[${length - index} more]`)
        break
      }
      copies.push(isNamedBefore(list, index) ? blot : this.copy(list[index], depth))
    }
    return copies
  }

  private _fields(entries: readonly (readonly [unknown, unknown])[], depth: number): Record<string, unknown> {
    const copies: [string, unknown][] = []
    const isPair = namesSecret(entries)
    for (const [index, [name, value]] of entries.entries()) {
      if (--this._left < 0) {
        copies.push(['…', `[${entries.length - index} more]`])
        break
      }
      const key = typeof name === 'string' ? name : redact(name)
      const isSecret = isGrantedBy(key, value) || (isPair && key === 'value')
      copies.push([keyText(key), isSecret ? blot : this.copy(value, depth)])
    }
    return Object.fromEntries(copies)
  }
}

/** Flags and empty values tell nothing: `hasPassword: true`. */
function isGrantedBy(key: string, value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'boolean' || value === '') return false
  const judged = granting(key)
  return judged === 'sure' || (judged === 'perhaps' && typeof value === 'string' && looksSecret(value))
}

/** Headers as lists, in pairs or flat (`rawHeaders`): `['authorization', '…']`. */
function isNamedBefore(list: readonly unknown[], index: number): boolean {
  const [name, value] = [list[index - 1], list[index]]
  return index % 2 === 1 && list.length % 2 === 0 && typeof name === 'string' && typeof value === 'string' && isGrantedBy(name, value) && looksSecret(value)
}

/** A header or field as a pair, or what is put at a place: `{ name: 'authorization', value: '…' }`, `{ path: 'user.password', value: '…' }`. */
function namesSecret(entries: readonly (readonly [unknown, unknown])[]): boolean {
  return entries.length <= 8 && entries.some(([key, value]) => (key === 'name' || key === 'key' || key === 'header' || key === 'path') && typeof value === 'string' && granting(value) === 'sure')
}

function keyText(key: string): string {
  const clean = redact(key)
  return clean.length > longestKey ? `${clean.slice(0, longestKey - 1)}…` : clean
}

/** An object that shows nothing, by its class: `[Request]`. */
function emptyOf(value: object): unknown {
  const name: unknown = Object.getPrototypeOf(value) === null ? undefined : value.constructor?.name
  return typeof name === 'string' && name !== 'Object' && /^\w{1,60}$/.test(name) ? `[${name}]` : {}
}

/** A getter that throws spoils its own key only. */
function entriesOf(value: object): [string, unknown][] {
  return Object.keys(value).map((key) => {
    try {
      return [key, (value as Record<string, unknown>)[key]]
    } catch {
      return [key, '[unreadable]']
    }
  })
}

function isError(value: object): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}

function errorEntries(error: Error): [string, unknown][] {
  const own = entriesOf(error).filter(([key, value]) => !['name', 'message', 'stack', 'cause', 'errors'].includes(key) && value !== undefined)
  const { cause, errors } = error as Error & { errors?: unknown }
  return [['name', error.name], ['message', error.message], ...own, ...(cause === undefined ? [] : [['cause', cause] as [string, unknown]]), ...(errors === undefined ? [] : [['errors', errors] as [string, unknown]])]
}
