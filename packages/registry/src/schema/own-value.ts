import type { $ZodType } from 'zod/v4/core'
import { copyContainers, setOwn, undefinedInList, type JsonCopier } from '../json/json-copy.ts'
import { defOf, lazyInner } from './zod-schema.ts'

/**
 * Makes a value that zod has just parsed its receiver's own, and plain JSON where it must be. zod makes fresh objects and lists; what passes
 * by it (`any`, extra keys) and what schemas hand out (defaults, catches, transforms) is copied here. Keys that are `undefined` are dropped.
 */
export type Owner = (value: unknown, copier: JsonCopier) => unknown

/** What is done at one place of a schema, if anything. `open`: values of other kinds than JSON may be there by right. */
interface Plan {
  readonly own: Owner | undefined
  readonly open: boolean
}

/**
 * What has to be done to parsed values of the schema; nothing where zod has made all of it. `crosses`: the parsed value goes to other
 * processes, so all of it must be JSON. Otherwise only what passes by unparsed must be, for that did cross.
 */
export function ownerOf(schema: $ZodType, crosses: boolean): { readonly own: Owner | undefined; readonly isRecursive: boolean } {
  const planner = new Planner(crosses)
  const { own } = planner.plan(schema, true)
  return { own, isRecursive: planner.isRecursive }
}

/** Of what passes by its schema as a whole. */
export const asJson: Owner = (value, copier) => copier.copy(value)
const asItIs: Owner = (value) => copyContainers(value)
const untouched: Plan = { own: undefined, open: false }

class Planner {
  readonly #crosses: boolean
  readonly #raw = new Map<$ZodType, Plan | 'in progress'>()
  readonly #made = new Map<$ZodType, Plan | 'in progress'>()
  isRecursive = false

  constructor(crosses: boolean) {
    this.#crosses = crosses
  }

  /** `raw`: the value comes from outside, and went through no code of the schema. */
  plan(schema: $ZodType, raw: boolean): Plan {
    const plans = raw ? this.#raw : this.#made
    const known = plans.get(schema)
    if (known === 'in progress') return this.#later(plans, schema)
    if (known) return known
    plans.set(schema, 'in progress')
    const made = isReplaced(schema) ? this.#whole(false) : this.#planOf(schema, raw)
    plans.set(schema, made)
    return made
  }

  /** A schema inside itself: its plan is looked up when there is a value. */
  #later(plans: ReadonlyMap<$ZodType, Plan | 'in progress'>, schema: $ZodType): Plan {
    this.isRecursive = true
    const own: Owner = (value, copier) => {
      const inner = (plans.get(schema) as Plan).own
      return inner ? inner(value, copier) : value
    }
    return { own, open: !this.#crosses }
  }

  #planOf(schema: $ZodType, raw: boolean): Plan {
    const def = defOf(schema)
    switch (def.type) {
      case 'any':
      case 'unknown':
      case 'custom':
        return this.#whole(raw)
      case 'transform':
        return this.#whole(false)
      case 'object':
        return this.#object(def.shape, def.catchall, raw)
      case 'array':
        return this.#list([], def.element, raw)
      case 'tuple':
        return this.#list(def.items, (def.rest) ?? undefined, raw)
      case 'record':
        return this.#record(def.valueType, def.mode === 'loose', raw)
      case 'union':
        return this.#either(def.options, raw)
      case 'intersection':
        return this.#either([def.left, def.right], raw)
      case 'optional':
      case 'nullable':
      case 'nonoptional':
      case 'readonly':
      case 'prefault':
        return this.plan(def.innerType, raw)
      case 'catch':
        return this.#whole(false)
      case 'default':
        return isPrimitive(def.innerType) ? untouched : this.#whole(false)
      case 'pipe':
        return this.plan(def.out, raw && !('transform' in def && def.transform !== undefined) && isPure(def.in))
      case 'lazy':
        return this.plan(lazyInner(schema), raw)
      case 'promise':
        return this.#whole(false)
      default:
        return isPrimitiveType(def.type) ? untouched : { own: undefined, open: !this.#crosses }
    }
  }

  /** Copies the whole value. */
  #whole(raw: boolean): Plan {
    return this.#crosses || raw ? { own: asJson, open: false } : { own: asItIs, open: true }
  }

  /** Which of the options made the value is not known: if one of them has anything to do, the whole is copied. */
  #either(options: readonly $ZodType[], raw: boolean): Plan {
    const plans = options.map((option) => this.plan(option, raw))
    const open = plans.some((plan) => plan.open)
    return plans.some(({ own }) => own) ? this.#whole(raw && !open) : { own: undefined, open }
  }

  #object(shape: Readonly<Record<string, $ZodType>>, catchall: $ZodType | undefined, raw: boolean): Plan {
    const plans = Object.entries(shape).map(([key, field]) => ({ key, plan: this.plan(field, raw), optional: field._zod.optout !== undefined }))
    const rest = catchall ? this.plan(catchall, raw) : untouched
    const open = rest.open || plans.some(({ plan }) => plan.open)
    const fields = plans.flatMap(({ key, plan: { own } }) => (own ? [{ key, own }] : []))
    const optional = plans.filter((field) => field.optional && !field.plan.own).map(({ key }) => key)
    const ownRest = rest.own
    if (fields.length === 0 && optional.length === 0 && !ownRest) return { own: undefined, open }
    const own: Owner = (value, copier) => {
      if (!isRecord(value)) return value
      const object = Object.isFrozen(value) ? { ...value } : value
      for (const key of optional) if (object[key] === undefined && key in object) delete object[key]
      for (const field of fields) ownKey(object, field.key, field.own, copier)
      if (ownRest) for (const key of Object.keys(object)) if (!Object.hasOwn(shape, key)) ownKey(object, key, ownRest, copier)
      return object
    }
    return { own, open }
  }

  #record(valueType: $ZodType, loose: boolean, raw: boolean): Plan {
    const { own: ownInner, open } = this.plan(valueType, raw)
    const ownValue = loose ? this.#whole(raw && !open).own : ownInner
    if (!ownValue) return { own: undefined, open }
    const own: Owner = (value, copier) => {
      if (!isRecord(value)) return value
      const object = Object.isFrozen(value) ? { ...value } : value
      for (const key of Object.keys(object)) ownKey(object, key, ownValue, copier)
      return object
    }
    return { own, open }
  }

  #list(items: readonly $ZodType[], rest: $ZodType | undefined, raw: boolean): Plan {
    const plans = items.map((item) => this.plan(item, raw))
    const planOfRest = rest ? this.plan(rest, raw) : untouched
    const open = planOfRest.open || plans.some((plan) => plan.open)
    if (!planOfRest.own && !plans.some((plan) => plan.own)) return { own: undefined, open }
    const crosses = this.#crosses || raw
    const own: Owner = (value, copier) => {
      if (!Array.isArray(value)) return value
      const list: unknown[] = Object.isFrozen(value) ? [...(value as unknown[])] : value
      for (let index = 0; index < list.length; index++) {
        const ownItem = (plans[index] ?? planOfRest).own
        if (!ownItem) continue
        if (list[index] === undefined && crosses) copier.within(index, () => copier.refuse(undefinedInList))
        else list[index] = copier.within(index, () => ownItem(list[index], copier))
      }
      return list
    }
    return { own, open }
  }
}

/** One key of an object that zod made: its own value, or none at all where it is `undefined`. */
function ownKey(object: Record<string, unknown>, key: string, own: Owner, copier: JsonCopier): void {
  const before = object[key]
  const value = before === undefined ? before : copier.within(key, () => own(before, copier))
  if (value !== before) setOwn(object, key, value)
  if (value === undefined && Object.hasOwn(object, key)) delete object[key]
}

/** Code of the schema may have put anything in place of what was parsed: `check`, `superRefine`, and `overwrite` on objects and lists. */
function isReplaced(schema: $ZodType): boolean {
  const { checks, type } = defOf(schema)
  return (checks ?? []).some((check) => {
    const { check: kind, fn } = check._zod.def as { check: string; fn?: unknown }
    return (kind === 'custom' && fn === undefined) || (kind === 'overwrite' && !isPrimitiveType(type))
  })
}

/** Whether what comes out is as it went in, as far as its kind goes. */
function isPure(schema: $ZodType): boolean {
  const { type } = defOf(schema)
  return isPrimitiveType(type) || type === 'any' || type === 'unknown'
}

function isPrimitive(schema: $ZodType): boolean {
  const def = defOf(schema)
  return def.type === 'optional' || def.type === 'nullable' ? isPrimitive(def.innerType) : isPrimitiveType(def.type)
}

const primitiveTypes: ReadonlySet<string> = new Set(['string', 'number', 'int', 'boolean', 'null', 'enum', 'literal', 'template_literal', 'never', 'success'])
const isPrimitiveType = (type: string): boolean => primitiveTypes.has(type)

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
