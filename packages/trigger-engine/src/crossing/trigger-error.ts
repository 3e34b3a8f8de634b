import { CancelledError, errorFromJson, errorToJson, TimedOutError, TracksError, type ErrorCode, type ErrorJson } from '@track-orchestrator/registry'
import type { CostsOfParts } from '@track-orchestrator/core/engine'
import { AbortTaskRunError } from '@trigger.dev/sdk'
import { readCarried } from './carried.ts'
import { readLine, stackWithLine, type ToldError } from './error-line.ts'

/** What a run throws, and what has to stand in its metadata beside. */
export interface ThrownError {
  readonly thrown: Error
  /** The error as JSON, where the thrown one does not hold it all. */
  readonly rest: ErrorJson | undefined
}

/** By what was thrown: in the process that threw it, an error of ours is had whole. */
const originals = new WeakMap<Error, TracksError>()

export interface ThrowOptions {
  /** The run is not tried again. Default: where that cannot help. */
  readonly isFinal?: boolean
  /** The message that people see begins with the track, the step and the item: of a run they triggered, they see nothing else. Default false. */
  readonly showsPlace?: boolean
  /** What the run has paid. */
  readonly costs?: CostsOfParts | undefined
}

/** An error of ours as Trigger.dev shows it to a person and hands it to the waiting run. */
export function toTriggerError(error: TracksError, { isFinal = !error.retryable, showsPlace = false, costs }: ThrowOptions = {}): ThrownError {
  const json = errorToJson(error, { items: true })
  const message = showsPlace ? withPlace(error) : error.message
  const { stack, isWhole } = stackWithLine(error, json, message, costs)
  const thrown = isFinal ? new AbortTaskRunError(message) : Object.assign(new Error(message), { name: error.name })
  thrown.stack = stack
  originals.set(thrown, error)
  return { thrown, rest: isWhole ? undefined : shortened(json) }
}

function withPlace({ message, place: { track, step, item } = {} }: TracksError): string {
  const where = [track, step === track ? undefined : step].filter((name) => name !== undefined).join(' > ')
  return where === '' ? message : `${where}${item === undefined ? '' : ` (item ${item})`}: ${message}`
}

/** What an error says of itself, in whatever process it is read; `undefined` where it is none of ours. */
export function toldBy(raw: unknown): ToldError | undefined {
  if (TracksError.is(raw)) return { json: errorToJson(raw), isWhole: true }
  return raw instanceof Error ? readLine({ message: raw.message, stack: raw.stack }) : undefined
}

/** The error that this process has thrown, or what can be read of another's without asking Trigger.dev. */
export function fromTriggerError(raw: unknown): TracksError {
  if (TracksError.is(raw)) return raw
  const original = raw instanceof Error ? originals.get(raw) : undefined
  if (original) return original
  const told = toldBy(raw)
  return told ? errorFromJson(told.json) : foreignError(raw, undefined)
}

/** A run as Trigger.dev's API tells of it: what `runs.retrieve(id)` gives. */
export interface RetrievedRun {
  readonly status?: string | undefined
  readonly error?: { readonly name?: string | undefined; readonly message?: string | undefined; readonly stackTrace?: string | undefined } | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Our error out of a failed run that a backend retrieved, with its code, place and issues: `errorOfRun(await runs.retrieve(id))`.
 * A run that was cancelled has the code `cancelled`, one that took too long `timed_out`, and one that Trigger.dev ended otherwise
 * `engine/run_expired` (not begun in its time to live), `engine/run_crashed` or `engine/system_failure`.
 */
export function errorOfRun(run: RetrievedRun): TracksError {
  const { name = 'Error', message = '', stackTrace } = run.error ?? {}
  const raw = Object.assign(new Error(message), { name, stack: stackTrace })
  return errorOf(raw, run)
}

/** The error of a run that failed with `raw`; `run`: as it was retrieved, where that could be done. */
export function errorOf(raw: unknown, run: RetrievedRun | undefined): TracksError {
  if (TracksError.is(raw)) return raw
  const told = toldBy(raw)
  if (told?.isWhole) return errorFromJson(told.json)
  const kept = run && carriedError(run.metadata)
  // What stands in the metadata may be an earlier attempt's: then the line of the last one knows better, or that the server ended the run.
  const isOfLast = told ? kept?.code === told.json.code && kept.place?.attempt === told.json.place?.attempt : !endsOfServer.has(run?.status ?? '')
  if (kept && isOfLast) return errorFromJson(kept)
  return told ? errorFromJson(told.json) : foreignError(raw, run?.status)
}

function carriedError(metadata: RetrievedRun['metadata']): ErrorJson | undefined {
  try {
    return readCarried(metadata).error
  } catch {
    return undefined
  }
}

/** How the server itself ends runs, whatever they have thrown before. */
const endsOfServer: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['CANCELED', 'cancelled'],
  ['TIMED_OUT', 'timed_out'],
  ['EXPIRED', 'engine/run_expired'],
  ['CRASHED', 'engine/run_crashed'],
  ['SYSTEM_FAILURE', 'engine/system_failure'],
])

/** An error that no code of ours threw. How the run ended is told by its status: the words of the error are for people. */
function foreignError(raw: unknown, status: string | undefined): TracksError {
  const message = messageOf(raw)
  const isStalled = raw instanceof Error && raw.name.startsWith('TASK_RUN_STALLED')
  if (status === 'CANCELED' && !isStalled) return new CancelledError(message || 'The run was cancelled')
  const isTimeOver = status === 'TIMED_OUT' || (raw instanceof Error && raw.name === 'MAX_DURATION_EXCEEDED')
  if (isTimeOver) return new TimedOutError(message || 'The run took too long', { cause: raw })
  const code = isStalled ? 'task_failed' : (endsOfServer.get(status ?? '') ?? 'task_failed')
  return new TracksError(message || (status === undefined ? 'The run failed' : `The run ended as ${status}`), { code, retryable: true, cause: raw })
}

function messageOf(raw: unknown): string {
  if (raw instanceof Error) return raw.message || (raw.name === 'Error' ? '' : raw.name)
  return typeof raw === 'string' ? raw : (JSON.stringify(raw) ?? '')
}

/** How many characters of JSON an error may take of the metadata, which has room for 256 KB in all. */
const metadataLimit = 100_000

/** The JSON, less what would take too much room: the ends of items first, then issues, then all that is not always there. */
function shortened(json: ErrorJson): ErrorJson {
  const fits = (candidate: ErrorJson) => JSON.stringify(candidate).length <= metadataLimit
  if (fits(json)) return json
  const { items: _items, ...withoutItems } = json
  if (fits(withoutItems)) return withoutItems
  const { issues = [], ...rest } = withoutItems
  for (let count = issues.length >> 1; count > 0; count >>= 1) {
    const shorter = { ...rest, issues: issues.slice(0, count) }
    if (fits(shorter)) return shorter
  }
  const { name, code, message, retryable, place } = json
  return { name, code, message: message.slice(0, 10_000), retryable, ...(place && { place }) }
}
