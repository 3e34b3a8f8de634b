import type { ContractIssue } from '../errors/contract-error.ts'
import { isIgnoredPromise } from '../waiting/ignored-promise.ts'

/** How deep a schema, or a value, may be nested: beyond that JSON, and what carries it, run out of stack. */
export const deepest = 1_000

/** More objects and lists than that are no payload, but a knot of them that refer to each other again and again: as JSON it would have no end. */
const most = 2_000_000
/** Of a deep path this much is told. */
const stepsTold = 12
/** After so many faults the rest is not looked at: a list may have a thousand million holes. */
const mostIssues = 1_000

/** Deep copies of values that must be JSON, and what is wrong with them. */
export class JsonCopier {
  /** Nothing as long as nothing is wrong: one of these is made for many a value of a step. */
  issues: ContractIssue[] | undefined
  private _path: (string | number)[] | undefined
  private _left = most
  /** The objects that the one looked at stands in. */
  private _around: Set<object> | undefined
  private _stopped = false

  /** The copy that stands under a key of what is looked at. `undefined` where the value is no JSON: then there is an issue. */
  copyAt(key: string | number, value: unknown): unknown {
    const path = (this._path ??= [])
    path.push(key)
    const copy = this.copy(value)
    path.pop()
    return copy
  }

  /** Runs what copies parts of the value under a key. */
  within<Result>(key: string | number, run: () => Result): Result {
    const path = (this._path ??= [])
    path.push(key)
    try {
      return run()
    } finally {
      path.pop()
    }
  }

  copy(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'undefined': // a key without a value; in a list it is refused there
        return value
      case 'number':
        return Number.isFinite(value) ? value + 0 : this.refuse(`${value} is no JSON`) // -0 becomes 0, as in JSON
      case 'object':
        return value === null ? null : this._copyObject(value)
      default:
        return this.refuse(`a ${typeof value} is no JSON`)
    }
  }

  refuse(message: string): undefined {
    const path = this._path ?? []
    this.issues ??= []
    if (this.issues.length >= mostIssues) this._stopped = true
    else this.issues.push({ path: path.length > stepsTold ? [...path.slice(0, stepsTold), '…'] : [...path], message })
    return undefined
  }

  private _copyObject(value: object): unknown {
    if (this._stopped) return undefined
    if (!this._around?.size) {
      const copied = copyIfPlain(value)
      if (copied !== notPlain) return copied
    }
    if (--this._left < 0) return this._stop(`more than ${most.toLocaleString('en-US')} objects`)
    const around = (this._around ??= new Set())
    if (around.has(value)) return this.refuse('an object inside itself is no JSON')
    if (around.size >= deepest) return this._stop(`nested deeper than ${deepest.toLocaleString('en-US')} levels`)
    around.add(value)
    try {
      if (isIgnoredPromise(value)) return this.refuse('a promise is no JSON')
      if (Array.isArray(value)) return this._copyList(value)
      if (isPlain(value)) return this._copyPlain(value as Record<string, unknown>)
      return this.refuse(`${nameOf(value)} is no JSON: pass plain objects, dates as ISO strings`)
    } catch {
      return this.refuse('cannot be read: a getter, or a proxy, throws')
    } finally {
      around.delete(value)
    }
  }

  private _copyList(list: readonly unknown[]): unknown[] {
    const copies: unknown[] = []
    for (let index = 0; index < list.length && !this._stopped; index++) {
      const item = list[index]
      copies.push(item === undefined ? this.within(index, () => this.refuse(undefinedInList)) : this.copyAt(index, item))
    }
    return copies
  }

  private _copyPlain(value: Record<string, unknown>): Record<string, unknown> {
    const copy: Record<string, unknown> = {}
    for (const key of Object.keys(value)) {
      const inner = this.copyAt(key, value[key])
      if (inner !== undefined) setOwn(copy, key, inner)
    }
    return copy
  }

  private _stop(message: string): undefined {
    this._stopped = true
    return this.refuse(message)
  }
}

export const undefinedInList = 'undefined cannot stand in a list: use null, or leave it out'

export const notPlain = Symbol('not plain')
/** Deeper, and wider than `most`, `JsonCopier` goes by itself. */
const plainLevels = 50
/** From so many keys on an object is begun without a prototype, which makes it a table at once: V8 would lay out a class for each further key first, ten times as slowly. */
const wide = 64
let room = 0

/** What nearly every value comes to: a copy without a record of where one is, many times as fast. `notPlain` where anything is odd: then `JsonCopier` tells what, and where. */
export function copyIfPlain(value: unknown): unknown {
  try {
    // Keys that every object has would be taken for the value's own.
    for (const _key in Object.prototype) return notPlain
    room = most
    return copyPlainly(value, plainLevels)
  } catch {
    return notPlain
  }
}

function copyPlainly(value: unknown, levels: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value + 0 : notPlain
    case 'object':
      if (value === null) return null
      if (levels === 0 || --room < 0) return notPlain
      return Array.isArray(value) ? copyListPlainly(value, levels) : copyObjectPlainly(value, levels)
    default:
      return notPlain
  }
}

function copyObjectPlainly(value: object, levels: number): unknown {
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype !== Object.prototype && prototype !== null) return notPlain
  let copy: Record<string, unknown> = {}
  let keys = 0
  // The quickest way through an object.
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key]
    if (inner === undefined) continue
    const own = copyPlainly(inner, levels - 1)
    if (own === notPlain || key === '__proto__') return notPlain
    if (++keys === wide) copy = Object.assign(Object.create(null) as typeof copy, copy)
    copy[key] = own
  }
  return keys < wide ? copy : Object.setPrototypeOf(copy, Object.prototype)
}

function copyListPlainly(list: readonly unknown[], levels: number): unknown {
  const copy: unknown[] = []
  for (let index = 0; index < list.length; index++) {
    const own = copyPlainly(list[index], levels - 1)
    if (own === notPlain) return notPlain
    copy.push(own)
  }
  return copy
}

/** Deep copies of lists and plain objects; what else is in them is handed on as it is. For values that stay in this process. */
export function copyContainers(value: unknown, made = new Map<object, unknown>(), depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > deepest) return value
  const known = made.get(value)
  if (known !== undefined) return known
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    made.set(value, copy)
    for (const item of value) copy.push(copyContainers(item, made, depth + 1))
    return copy
  }
  if (!isPlain(value)) return value
  const copy: Record<string, unknown> = {}
  made.set(value, copy)
  for (const [key, inner] of Object.entries(value)) setOwn(copy, key, copyContainers(inner, made, depth + 1))
  return copy
}

/**
 * Whether a value is nested deeper than `deepest` levels, in a circle, or, as JSON, of more objects than a payload has: one that stands in
 * another twice counts twice. Each object is looked at once.
 */
export function isBoundless(value: unknown): boolean {
  const { levels, objects } = extentOf(value, new Map(), 0)
  return levels > deepest || objects > most
}

interface Extent {
  readonly levels: number
  readonly objects: number
}
const nothing: Extent = { levels: 0, objects: 0 }
const endless: Extent = { levels: Number.POSITIVE_INFINITY, objects: 1 }

function extentOf(value: unknown, known: Map<object, Extent>, depth: number): Extent {
  if (typeof value !== 'object' || value === null) return nothing
  const before = known.get(value)
  if (before) return before
  if (depth > deepest) return endless
  known.set(value, endless) // met again before it is known: a circle
  let levels = 0
  let objects = 1
  for (const inner of Object.values(value)) {
    const extent = extentOf(inner, known, depth + 1)
    levels = Math.max(levels, extent.levels)
    objects += extent.objects
  }
  const extent = { levels: levels + 1, objects }
  known.set(value, extent)
  return extent
}

/** Sets a key of the object's own, also one called `__proto__`. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  else object[key] = value
}

/** An object of no class, also of another realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

function nameOf(value: object): string {
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && /^\w{1,60}$/.test(name) ? `an object of class ${name}` : 'an object of a class'
}
