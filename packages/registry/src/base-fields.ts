import { ContractError, type ContractIssue } from './errors/contract-error.ts'
import { JsonCopier, setOwn } from './json/json-copy.ts'

/** What every payload carries beside the task's own input, on every engine. */
export interface BaseFields {
  /** 1-128 characters; no slash, backslash, control or bidirectional character, or `..`, for it becomes part of storage keys. */
  readonly tenantId: string
  /** As `tenantId`. */
  readonly projectId: string
  /** As `tenantId`. */
  readonly userId?: string
  /** The caller's own data, carried through every step untouched. */
  readonly trampData?: TrampData
}

export type TrampData = Readonly<Record<string, unknown>>

/** The names of the base fields: no task may use them for fields of its own. */
export const baseFieldNames = ['tenantId', 'projectId', 'userId', 'trampData'] as const

const reserved: ReadonlySet<string> = new Set(baseFieldNames)
const safeId = /^(?!.*\.\.)[^/\\\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]{1,128}$/u

/** Whether the text may stand as one part of a storage key: see `BaseFields.tenantId`. */
export function isSafeId(text: unknown): text is string {
  return typeof text === 'string' && text !== '.' && text.trim() === text && safeId.test(text)
}

/** Checks and picks the base fields of a payload; `trampData` is copied, and must be JSON. Throws `ContractError` naming `owner` (a task, track or orchestrator). */
export function parseBaseFields(owner: string, payload: unknown): BaseFields {
  if (!isRecord(payload)) {
    throw new ContractError(owner, 'input', [{ path: [], message: 'expected an object with tenantId and projectId' }])
  }
  const { tenantId, projectId, userId, trampData } = payload
  const issues: ContractIssue[] = []
  const checkId = (name: string, value: unknown) => {
    if (!isSafeId(value)) issues.push({ path: [name], message: idAdvice(value) })
  }
  checkId('tenantId', tenantId)
  checkId('projectId', projectId)
  if (userId !== undefined) checkId('userId', userId)
  const copier = new JsonCopier()
  const ownTrampData = trampData === undefined ? undefined : copier.copyAt('trampData', trampData)
  if (trampData !== undefined && !isRecord(trampData)) issues.push({ path: ['trampData'], message: 'expected an object' })
  else issues.push(...(copier.issues ?? []))
  if (issues.length > 0) throw new ContractError(owner, 'input', issues)
  return {
    tenantId: tenantId as string,
    projectId: projectId as string,
    ...(userId !== undefined && { userId: userId as string }),
    ...(ownTrampData !== undefined && { trampData: ownTrampData as TrampData }),
  }
}

/**
 * The value without base fields: what a task's own schema gets to see. Only keys of an object itself are taken off;
 * lists, and what lies deeper, are kept as they are. The value itself where it has none.
 */
export function withoutBaseFields(value: unknown): unknown {
  if (!isRecord(value) || !hasBaseField(value)) return value
  const rest: Record<string, unknown> = {}
  for (const key of Object.keys(value)) if (!reserved.has(key)) setOwn(rest, key, value[key])
  return rest
}

/** Asked of every item of a step: a function for each would cost more than the answer. */
function hasBaseField(value: object): boolean {
  for (const name of baseFieldNames) if (Object.hasOwn(value, name)) return true
  return false
}

function idAdvice(value: unknown): string {
  if (value === undefined) return 'required'
  return 'expected 1-128 characters without slash, backslash, control or bidirectional character, "..", or space at the ends'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
