import { redact } from '../redact/redact.ts'
import { kindOfError, type ErrorCode, type ErrorPlace } from './error-facts.ts'
import { fieldsOf } from './own-fields.ts'

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
  readonly issues?: readonly { readonly path: readonly (string | number)[]; readonly message: string }[]
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
export type SettledItemJson = { readonly status: 'succeeded'; readonly output: unknown } | { readonly status: 'failed'; readonly error: ErrorJson } | { readonly status: 'cancelled' }

/** An error that lies beneath another, shortened. */
export interface CauseJson {
  readonly name: string
  readonly message: string
  /** As `ECONNREFUSED`, where it has one. */
  readonly code?: string
  readonly cause?: CauseJson
}

/** As much of a `TracksError` as is told: what imports this file is such an error itself. */
interface Told extends Error {
  readonly code: string
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly place: ErrorPlace | undefined
  readonly items?: readonly ({ readonly status: 'succeeded'; readonly output: unknown } | { readonly status: 'failed'; readonly error: Told } | { readonly status: 'cancelled' })[]
}

type ContractFacts = Required<Pick<ErrorJson, 'taskName' | 'side' | 'issues'>>
type ProviderFacts = Required<Pick<ErrorJson, 'provider'>> & Pick<ErrorJson, 'status'>

/** The JSON of an error of ours. `items`: those of a failed `forEach` too, with their outputs. */
export function jsonOfError(known: Told, options: { readonly items?: boolean } = {}): ErrorJson {
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
    ...(kind === 'ContractError' && Array.isArray((known as Partial<ContractFacts>).issues) && contractFacts(known as unknown as ContractFacts)),
    ...(kind === 'ProviderError' && providerFacts(known as unknown as ProviderFacts)),
    ...(fields && { fields }),
    ...(options.items && known.items && { items: known.items.map(itemToJson) }),
    ...(cause && !(cause.message === message && !cause.cause && !cause.code) && { cause }),
  }
}

const causesTold = 4

function contractFacts({ taskName, side, issues }: ContractFacts) {
  const told = issues.map(({ path, message }) => ({ path: path.map((part) => (typeof part === 'number' ? part : redact(part))), message: redact(message) }))
  return { taskName: redact(taskName), side, issues: told }
}

function providerFacts({ provider, status }: ProviderFacts) {
  return { provider: redact(provider), ...(status !== undefined && { status }) }
}

function itemToJson(item: NonNullable<Told['items']>[number]): SettledItemJson {
  return item.status === 'failed' ? { status: 'failed', error: jsonOfError(item.error, { items: true }) } : item
}

function causeOf(error: object, deep: number): CauseJson | undefined {
  const cause = read(error, 'cause')
  return cause === undefined || deep === 0 ? undefined : summary(cause, deep)
}

/** A thrown value of a stranger, shortened. */
export function summary(thrown: unknown, deep = 0): CauseJson {
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
