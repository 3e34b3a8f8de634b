import { redactValue } from '../redact/redact-value.ts'

/** What the JSON of an error names by itself, for every class and for single ones. */
const common = new Set(['name', 'message', 'stack', 'cause', 'code', 'retryable', 'retryAfterMs', 'place', 'items'])
const ofKind: Readonly<Record<string, readonly string[]>> = {
  ContractError: ['taskName', 'side', 'issues'],
  ProviderError: ['provider', 'status'],
}

/** As JSON, all fields together: an error must fit into an event and into run metadata. */
const longestFields = 16_384

/** The fields that a stranger's subclass added, without secrets, as far as they are plain JSON and not too long. */
export function fieldsOf(error: object, kind: string): Record<string, unknown> | undefined {
  const fields: [string, unknown][] = []
  let length = 0
  for (const key of Object.keys(error)) {
    if (!isOwnField(key, kind)) continue
    const json = jsonOf(error, key)
    if (json === undefined || (length += json.length) > longestFields) continue
    fields.push([key, JSON.parse(json)])
  }
  return fields.length > 0 ? (redactValue(Object.fromEntries(fields)) as Record<string, unknown>) : undefined
}

/** Puts fields back onto an error that was made anew. What it names by itself is left as it is. */
export function giveFields(error: object, kind: string, fields: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(fields)) {
    if (isOwnField(key, kind)) Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: true })
  }
}

function isOwnField(key: string, kind: string): boolean {
  return key !== '__proto__' && !common.has(key) && !(Object.hasOwn(ofKind, kind) && ofKind[kind]!.includes(key))
}

/** The field as JSON; nothing where it is a function, a class instance, a circle, or cannot be read. */
function jsonOf(error: object, key: string): string | undefined {
  try {
    const value = (error as Record<string, unknown>)[key]
    return isPlainJson(value, { left: 1_000 }) ? JSON.stringify(value) : undefined
  } catch {
    return undefined
  }
}

function isPlainJson(value: unknown, budget: { left: number }): boolean {
  if (--budget.left < 0) return false // too wide, or a circle
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object') return false
  if (Array.isArray(value)) return value.every((item) => isPlainJson(item, budget))
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every((inner) => inner === undefined || isPlainJson(inner, budget))
}
