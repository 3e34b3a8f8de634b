import { ContractError, type ContractIssue } from './errors/contract-error.ts'

/** What every payload carries beside the task's own input, on every engine. */
export interface BaseFields {
  /** 1-128 characters; no slash, backslash, control character or `..`, for it becomes part of storage keys. */
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
const safeId = /^(?!.*\.\.)[^/\\\p{Cc}\p{Cs}]{1,128}$/u

/** Whether the text may stand as one part of a storage key: see `BaseFields.tenantId`. */
export function isSafeId(text: unknown): text is string {
  return typeof text === 'string' && text !== '.' && text.trim() === text && safeId.test(text)
}

/** Checks and picks the base fields of a payload. Throws `ContractError` naming `owner` (a task, track or orchestrator). */
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
  if (trampData !== undefined && !isRecord(trampData)) issues.push({ path: ['trampData'], message: 'expected an object' })
  if (issues.length > 0) throw new ContractError(owner, 'input', issues)
  return {
    tenantId: tenantId as string,
    projectId: projectId as string,
    ...(userId !== undefined && { userId: userId as string }),
    ...(trampData !== undefined && { trampData: trampData as TrampData }),
  }
}

/** The value without base fields: what a task's own schema gets to see. The value itself where it has none. */
export function withoutBaseFields(value: unknown): unknown {
  if (!isRecord(value) || !baseFieldNames.some((name) => name in value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !reserved.has(key)))
}

function idAdvice(value: unknown): string {
  if (value === undefined) return 'required'
  return 'expected 1-128 characters without slash, backslash, control character, "..", or space at the ends'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
