import { redact } from '../redact.ts'
import { ContractError, type ContractIssue } from './contract-error.ts'
import { DefinitionError } from './definition-error.ts'
import { ProviderError } from './provider-error.ts'
import { TerminalError } from './terminal-error.ts'
import { TracksError, type ErrorCode, type ErrorPlace } from './tracks-error.ts'

/** An error as plain JSON: what crosses a process, stands in an envelope, and is logged. No stack, no secrets. */
export interface ErrorJson {
  readonly name: string
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly place?: ErrorPlace
  readonly taskName?: string
  readonly side?: 'input' | 'output'
  readonly issues?: readonly ContractIssue[]
  readonly provider?: string
  readonly status?: number
  readonly retryAfterMs?: number
  /** What was thrown underneath, shortened to its name and message. */
  readonly cause?: { readonly name: string; readonly message: string }
}

/** The JSON of any thrown value. What is not a `TracksError` becomes `task_failed`, retryable. */
export function errorToJson(error: unknown): ErrorJson {
  const known = toTracksError(error)
  const { name, code, message, retryable, place } = known
  const cause = known.cause === undefined ? undefined : summary(known.cause)
  return {
    name,
    code,
    message,
    retryable,
    ...(place && { place }),
    ...(isContractError(known) && { taskName: known.taskName, side: known.side, issues: known.issues }),
    ...(isProviderError(known) && {
      provider: known.provider,
      ...(known.status !== undefined && { status: known.status }),
      ...(known.retryAfterMs !== undefined && { retryAfterMs: known.retryAfterMs }),
    }),
    ...(cause && cause.message !== message && { cause }),
  }
}

/** The error that `errorToJson` was given, as its own class again, in this or another process. */
export function errorFromJson(json: ErrorJson): TracksError {
  const cause = json.cause && Object.assign(new Error(json.cause.message), { name: json.cause.name })
  const options = { code: json.code, retryable: json.retryable, place: json.place, ...(cause && { cause }) }
  if (json.name === 'ContractError' && json.taskName !== undefined && json.side && json.issues) {
    return new ContractError(json.taskName, json.side, json.issues, json.place)
  }
  if (json.name === 'ProviderError' && json.provider !== undefined) {
    return new ProviderError(json.message, { ...options, provider: json.provider, status: json.status, retryAfterMs: json.retryAfterMs })
  }
  if (json.name === 'DefinitionError') return new DefinitionError(json.message, options)
  return json.name === 'TerminalError' ? new TerminalError(json.message, options) : new TracksError(json.message, options)
}

/** The value itself if it is a `TracksError`; else a retryable `task_failed` around it. */
export function toTracksError(thrown: unknown): TracksError {
  if (TracksError.is(thrown)) return thrown
  return new TracksError(summary(thrown).message, { code: 'task_failed', retryable: true, cause: thrown })
}

function summary(thrown: unknown): { name: string; message: string } {
  if (thrown instanceof Error) return { name: thrown.name, message: redact(thrown.message || thrown.name) }
  return { name: typeof thrown, message: redact(typeof thrown === 'string' ? thrown : `a thrown ${typeof thrown}`) }
}

// By shape, not by class: the error may come from another copy of this package.
const isContractError = (error: TracksError): error is ContractError => error.name === 'ContractError'
const isProviderError = (error: TracksError): error is ProviderError => error.name === 'ProviderError'
