import { redact } from '../redact/redact.ts'
import { ContractError, type ContractIssue } from './contract-error.ts'
import { DefinitionError } from './definition-error.ts'
import { CancelledError, RetryableError, TerminalError, TimedOutError } from './ending-errors.ts'
import type { ErrorCode, ErrorPlace } from './error-facts.ts'
import type { CauseJson, ErrorJson, SettledItemJson } from './json-of-error.ts'
import { giveFields } from './own-fields.ts'
import { ProviderError } from './provider-error.ts'
import { TracksError, type SettledItem } from './tracks-error.ts'

const classes = new Map<unknown, TracksError>(
  [TracksError, ContractError, ProviderError, DefinitionError, TerminalError, RetryableError, CancelledError, TimedOutError].map(({ prototype }) => [prototype.name, prototype]),
)

/**
 * The error that `errorToJson` was given, in this or another process, as its own class again. A stranger's subclass comes back as the class
 * of ours that it comes down from, with its name, message and plain fields; its methods stay behind.
 * The stack is that of the caller. Never throws: what is missing or wrong in the JSON is left out.
 */
export function errorFromJson(json: ErrorJson): TracksError {
  const told: Unchecked = isRecord(json) ? json : {}
  const name = textOf(told.name) ?? 'TracksError'
  const message = textOf(told.message) ?? 'an error that does not say what happened'
  const kind = told.kind ?? name
  const prototype = (classes.has(kind) && factsFit(kind, told) && classes.get(kind)) || TracksError.prototype
  const error = new TracksError(message, {
    code: (textOf(told.code) ?? 'task_failed') as ErrorCode,
    retryable: told.retryable === true,
    retryAfterMs: told.retryAfterMs as number | undefined,
    place: isRecord(told.place) ? placeOf(told.place) : undefined,
    items: Array.isArray(told.items) ? told.items.map((item: SettledItemJson) => itemFromJson(item)) : undefined,
    ...(isRecord(told.cause) && { cause: causeFromJson(told.cause, 8) }),
  })
  Object.setPrototypeOf(error, prototype)
  if (prototype === ContractError.prototype) Object.assign(error, { taskName: told.taskName, side: told.side, issues: told.issues })
  if (prototype === ProviderError.prototype) Object.assign(error, { provider: told.provider, status: told.status })
  if (isRecord(told.fields)) giveFields(error, prototype.name, told.fields)
  if (name !== prototype.name) Object.defineProperty(error, 'name', { value: redact(name), writable: true, configurable: true })
  Error.captureStackTrace(error, errorFromJson) // anew, for the first line names class and message
  return error
}

type Unchecked = { readonly [Name in keyof ErrorJson]?: unknown }

/** Whether the JSON has what the class needs beside. */
function factsFit(kind: unknown, { taskName, side, issues, provider, status }: Unchecked): boolean {
  if (kind === 'ContractError') return typeof taskName === 'string' && (side === 'input' || side === 'output') && Array.isArray(issues) && issues.every(isIssue)
  if (kind === 'ProviderError') return typeof provider === 'string' && (status === undefined || typeof status === 'number')
  return true
}

function isIssue(issue: unknown): issue is ContractIssue {
  return isRecord(issue) && typeof issue.message === 'string' && Array.isArray(issue.path) && issue.path.every((part) => typeof part === 'string' || typeof part === 'number')
}

function placeOf({ track, step, taskName, attempt, item }: Record<string, unknown>): ErrorPlace {
  const texts = Object.entries({ track, step, taskName }).filter(([, value]) => typeof value === 'string')
  const numbers = Object.entries({ attempt, item }).filter(([, value]) => typeof value === 'number')
  return Object.fromEntries([...texts, ...numbers])
}

function itemFromJson(item: SettledItemJson): SettledItem {
  if (item?.status === 'succeeded') return { status: 'succeeded', output: item.output }
  return item?.status === 'failed' ? { status: 'failed', error: errorFromJson(item.error) } : { status: 'cancelled' }
}

function causeFromJson({ name, message, code, cause }: { readonly [Name in keyof CauseJson]?: unknown }, deep: number): Error {
  const error = new Error(textOf(message) ?? '', isRecord(cause) && deep > 0 ? { cause: causeFromJson(cause, deep - 1) } : {})
  return Object.assign(error, { name: textOf(name) ?? 'Error' }, typeof code === 'string' && { code })
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
