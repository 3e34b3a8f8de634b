import { redact } from '../redact/redact.ts'
import type { ContractError, ContractIssue } from './contract-error.ts'
import { fieldsOf } from './own-fields.ts'
import type { ProviderError } from './provider-error.ts'
import { kindOfError, TracksError, type ErrorCode, type ErrorPlace, type SettledItem } from './tracks-error.ts'

/** An error as plain JSON: what crosses a process, stands in an envelope, and is logged. No stack, no secrets. */
export interface ErrorJson {
  readonly name: string
  /** The class of ours that it comes down from, where `name` is another: a subclass of a stranger. */
  readonly kind?: string
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly retryAfterMs?: number
  readonly place?: ErrorPlace
  readonly taskName?: string
  readonly side?: 'input' | 'output'
  readonly issues?: readonly ContractIssue[]
  readonly provider?: string
  readonly status?: number
  /** What a subclass says beside: its own fields, as far as they are plain JSON. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** How every item of a `forEach` ended. Only where it was asked for: outputs are payloads, and belong in no log. */
  readonly items?: readonly SettledItemJson[]
  /** What was thrown underneath, and beneath that. */
  readonly cause?: CauseJson
}

/** As `SettledItem`, as JSON. */
export type SettledItemJson = Exclude<SettledItem, { readonly status: 'failed' }> | { readonly status: 'failed'; readonly error: ErrorJson }

/** An error that lies beneath another, shortened. */
export interface CauseJson {
  readonly name: string
  readonly message: string
  /** As `ECONNREFUSED`, where it has one. */
  readonly code?: string
  readonly cause?: CauseJson
}

/**
 * The JSON of any thrown value; never throws. What is not a `TracksError` becomes `task_failed`, retryable.
 * `items`: the items of a failed `forEach` too, with their outputs.
 */
export function errorToJson(error: unknown, options: { readonly items?: boolean } = {}): ErrorJson {
  const known = toTracksError(error)
  const kind = kindOfError(known) ?? 'TracksError'
  const name = redact(known.name)
  const message = redact(known.message)
  const cause = causeOf(known, causesTold)
  const fields = fieldsOf(known, kind)
  return {
    name,
    ...(kind !== name && { kind }),
    code: redact(known.code) as ErrorCode,
    message,
    retryable: known.retryable,
    ...(known.retryAfterMs !== undefined && { retryAfterMs: known.retryAfterMs }),
    ...(known.place && { place: known.place }),
    ...(kind === 'ContractError' && Array.isArray((known as ContractError).issues) && contractFacts(known as ContractError)),
    ...(kind === 'ProviderError' && providerFacts(known as ProviderError)),
    ...(fields && { fields }),
    ...(options.items && known.items && { items: known.items.map(itemToJson) }),
    ...(cause && !(cause.message === message && !cause.cause && !cause.code) && { cause }),
  }
}

/** The value itself if it is a `TracksError`; else a retryable `task_failed` around it. */
export function toTracksError(thrown: unknown): TracksError {
  if (TracksError.is(thrown)) return thrown
  return new TracksError(summary(thrown).message, { code: 'task_failed', retryable: true, cause: thrown })
}

const causesTold = 4

function contractFacts({ taskName, side, issues }: ContractError) {
  const told = issues.map(({ path, message }) => ({ path: path.map((part) => (typeof part === 'number' ? part : redact(part))), message: redact(message) }))
  return { taskName: redact(taskName), side, issues: told }
}

function providerFacts({ provider, status }: ProviderError) {
  return { provider: redact(provider), ...(status !== undefined && { status }) }
}

function itemToJson(item: SettledItem): SettledItemJson {
  return item.status === 'failed' ? { status: 'failed', error: errorToJson(item.error, { items: true }) } : item
}

function causeOf(error: object, deep: number): CauseJson | undefined {
  const cause = read(error, 'cause')
  return cause === undefined || deep === 0 ? undefined : summary(cause, deep)
}

function summary(thrown: unknown, deep = 0): CauseJson {
  if (typeof thrown === 'string') return { name: 'string', message: redact(thrown) }
  if (typeof thrown !== 'object' || thrown === null) return { name: typeof thrown, message: `a thrown ${thrown === null ? 'null' : typeof thrown}` }
  const [name, message, code] = ['name', 'message', 'code'].map((key) => read(thrown, key))
  const cause = causeOf(thrown, Math.max(0, deep - 1))
  const title = typeof name === 'string' && name ? redact(name) : 'object'
  return {
    name: title,
    message: typeof message === 'string' && message ? redact(message) : title === 'object' ? 'a thrown object' : title,
    ...(typeof code === 'string' && code && { code: redact(code) }),
    ...(cause && { cause }),
  }
}

/** A property of anything: getters of strangers may throw. */
function read(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}
