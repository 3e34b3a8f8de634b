import type { $ZodType } from 'zod/v4/core'
import { toTracksError } from '../errors/error-json.ts'
import { classOf, defOf, insideOf, lazyInner } from './zod-schema.ts'

/** A schema whose code (refinements, transforms) throws nothing, and whether any of it has answered with a promise so far. */
export interface GuardedSchema {
  readonly schema: $ZodType
  readonly isAsync: () => boolean
}

/**
 * The same schema, but what its code throws, or rejects with, is an issue at its place. Without this an error has no path; and of several
 * asynchronous checks zod awaits one after the other, so that a second one that rejects is an unhandled rejection, which ends the process.
 * The schema itself is not changed. `undefined` where it holds no code.
 */
export function guardCode(schema: $ZodType): GuardedSchema | undefined {
  if (!holdsCode(schema, new Set())) return undefined
  const guard = new Guard()
  return { schema: guard.guarded(schema), isAsync: () => guard.isAsync }
}

type Issues = { issues: unknown[]; value?: unknown }
interface Check {
  readonly _zod: {
    readonly def: { readonly check?: string; readonly fn?: Code; readonly schema?: $ZodType; readonly shape?: Readonly<Record<string, $ZodType>> }
    readonly constr: new (def: Def) => unknown
    readonly check: (payload: Issues) => unknown
  }
}
type Code = (...args: never[]) => unknown
type Def = Record<string, unknown>

class Guard {
  isAsync = false
  readonly #made = new Map<$ZodType, $ZodType>()

  guarded(schema: $ZodType): $ZodType {
    const known = this.#made.get(schema)
    if (known) return known
    const def = this.#defOf(schema)
    const made = def ? (new schema._zod.constr(def)) : schema
    this.#made.set(schema, made)
    if (isCustom(schema)) {
      const { _zod } = made as unknown as { _zod: { check: Check['_zod']['check'] } }
      _zod.check = this.#check(_zod.check)
    }
    return made
  }

  /** The definition with everything inside guarded; nothing where there is nothing inside. */
  #defOf(schema: $ZodType): Def | undefined {
    const def = defOf(schema)
    const checks = def.checks?.some(isCodeCheck) ? { checks: def.checks.map((check) => (isCodeCheck(check) ? this.#guardedCheck(check) : check)) } : undefined
    const inside = this.#insideOf(schema)
    return checks || inside ? { ...(def as unknown as Def), ...inside, ...checks } : undefined
  }

  #insideOf(schema: $ZodType): Def | undefined {
    const def = defOf(schema)
    switch (def.type) {
      case 'object':
        return { shape: this.#shape(def.shape), ...(def.catchall && { catchall: this.guarded(def.catchall) }) }
      case 'array':
        return { element: this.guarded(def.element) }
      case 'tuple':
        return { items: def.items.map((item) => this.guarded(item)), rest: def.rest && this.guarded(def.rest) }
      case 'record':
        return { keyType: this.guarded(def.keyType), valueType: this.guarded(def.valueType) }
      case 'map':
        return { keyType: this.guarded(def.keyType), valueType: this.guarded(def.valueType) }
      case 'set':
        return { valueType: this.guarded(def.valueType) }
      case 'union':
        return { options: def.options.map((option) => this.guarded(option)) }
      case 'intersection':
        return { left: this.guarded(def.left), right: this.guarded(def.right) }
      case 'optional':
      case 'nullable':
      case 'default':
      case 'prefault':
      case 'nonoptional':
      case 'success':
      case 'catch':
      case 'readonly':
      case 'promise':
        return { innerType: this.guarded(def.innerType) }
      case 'lazy':
        return { getter: () => this.guarded(lazyInner(schema)), _cachedInner: undefined }
      case 'transform':
        return { transform: this.#code(def.transform) }
      case 'pipe':
        return { in: this.guarded(def.in), out: this.guarded(def.out), ...this.#codec(def) }
      case 'custom':
        return isCustom(schema) ? { fn: this.#promising(def.fn) } : undefined
      default:
        return undefined
    }
  }

  #codec(def: object): Def | undefined {
    const transform = codecOf(def)
    return transform && { transform: this.#code(transform) }
  }

  /** Looked up when it is needed: an object's field may lead back to the object itself. */
  #shape(shape: Readonly<Record<string, $ZodType>>): Record<string, $ZodType> {
    const guarded: Record<string, $ZodType> = {}
    for (const key of Object.keys(shape)) Object.defineProperty(guarded, key, { get: () => this.guarded(shape[key]!), enumerable: true, configurable: true })
    return guarded
  }

  #guardedCheck(check: Check): unknown {
    if (isCustom(check as unknown as $ZodType)) return this.guarded(check as unknown as $ZodType)
    const { schema, shape } = check._zod.def
    if (schema) return new check._zod.constr({ ...check._zod.def, schema: this.guarded(schema) }) // z.property
    if (shape) return new check._zod.constr({ ...check._zod.def, shape: this.#shape(shape) })
    return { _zod: Object.create(check._zod, { check: { value: this.#check((payload) => check._zod.check(payload)) } }) as unknown }
  }

  /** A check that neither throws nor rejects. Called for every value: the usual answer, nothing, makes no object. */
  #check(check: (payload: Issues) => unknown): (payload: Issues) => unknown {
    return (payload) => {
      try {
        const answer = check(payload)
        return answer === undefined ? undefined : this.#caught(payload, answer)
      } catch (error) {
        return tell(payload, error)
      }
    }
  }

  /** A transform that neither throws nor rejects. */
  #code(transform: Code): (value: unknown, payload: Issues) => unknown {
    return (value, payload) => {
      try {
        const answer = (transform as (...args: unknown[]) => unknown)(value, payload)
        return typeof answer === 'object' ? this.#caught(payload, answer) : answer
      } catch (error) {
        return tell(payload, error)
      }
    }
  }

  #caught(payload: Issues, given: unknown): unknown {
    const answer = this.#promise(given)
    return answer instanceof Promise ? answer.catch((error: unknown) => tell(payload, error)) : answer
  }

  #promising(code: Code): (value: unknown) => unknown {
    return (value) => this.#promise((code as (given: unknown) => unknown)(value))
  }

  /** zod knows promises by their class: what only has a `then` would pass for `true`. */
  #promise(answer: unknown): unknown {
    if (!isThenable(answer)) return answer
    this.isAsync = true
    return answer instanceof Promise ? answer : Promise.resolve(answer)
  }
}

/** What the code of a schema threw is an issue where it stands. */
function tell(payload: Issues, error: unknown): undefined {
  payload.issues.push({ code: 'custom', message: `the code of the schema threw: ${toTracksError(error).message}`, input: payload.value, path: [], continue: false })
}

/** Whether there is anything in the schema that runs a function of its author's, which may throw, or answer with a promise. */
function holdsCode(schema: $ZodType, seen: Set<$ZodType>): boolean {
  if (seen.has(schema)) return false
  seen.add(schema)
  const def = defOf(schema)
  if (isCustom(schema) || def.checks?.some(isCodeCheck) || def.type === 'transform' || def.type === 'promise' || codecOf(def)) return true
  return insideOf(schema).some((inner) => holdsCode(inner, seen))
}

/** The function between the two sides of a codec. */
function codecOf(def: object): Code | undefined {
  return 'transform' in def && typeof def.transform === 'function' ? (def.transform as Code) : undefined
}

/** A check that is a function of its author's, or (`z.property`) a schema that may hold one. All others are zod's own. */
function isCodeCheck(check: unknown): check is Check {
  const { check: kind } = (check as Check)._zod.def
  return kind === 'property' || kind === 'properties' || (kind === 'custom' && !isInstanceCheck(check))
}

/** A schema, or check, that is a function: `z.custom`, `refine`. `z.instanceof` is none: it asks for a class. */
function isCustom(schema: $ZodType): boolean {
  const def = (schema as { _zod?: { def?: { type?: string; fn?: unknown } } })._zod?.def
  return def?.type === 'custom' && typeof def.fn === 'function' && !isInstanceCheck(schema)
}

function isInstanceCheck(check: unknown): boolean {
  return (check as { _zod: { bag?: object } })._zod.bag !== undefined && classOf(check as $ZodType) !== undefined
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
