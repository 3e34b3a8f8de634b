import { errorFromJson, errorToJson, TracksError, type ErrorJson } from '@track-orchestrator/registry'
import { AbortTaskRunError } from '@trigger.dev/sdk'

// An Error keeps its name, message, stack and causes on the road between runs, and nothing else: not our code, place or issues.
// So those travel as JSON in a chain of causes. Trigger.dev cuts messages at 1,000 characters and chains at 5 causes.
const carrierName = 'TracksErrorJson'
const carrierCharacters = 900
const carrierCount = 5

/** What a run throws so that Trigger.dev shows a person the message, hands our error to the waiting run, and retries only where that can help. */
export function toTriggerError(error: TracksError): Error {
  const thrown = error.retryable ? new Error(error.message) : new AbortTaskRunError(error.message)
  if (error.retryable) thrown.name = error.name
  if (error.stack !== undefined) thrown.stack = error.stack
  return Object.assign(thrown, { cause: carry(fitting(errorToJson(error))) })
}

/** Our error out of what a waiting run was given: an Error with carriers, another Error, a string ("Canceled by user"), or anything thrown. */
export function fromTriggerError(raw: unknown): TracksError {
  if (TracksError.is(raw)) return raw
  const json = carried(raw)
  if (json) return errorFromJson(json)
  if (isCancellation(raw)) return new TracksError(messageOf(raw), { code: 'cancelled', retryable: false })
  const name = raw instanceof Error ? raw.name : ''
  const code = name === 'MAX_DURATION_EXCEEDED' ? 'timed_out' : 'task_failed'
  return new TracksError(messageOf(raw), { code, retryable: true, cause: raw })
}

/** Whether a task of ours threw it, or the engine before anything ran; all else is Trigger.dev's own. */
export function isThrownByUs(raw: unknown): boolean {
  return TracksError.is(raw) || carried(raw) !== undefined
}

/** An error as Trigger.dev's API tells it: `runs.retrieve(id).error`. */
export interface RunError {
  readonly name?: string | undefined
  readonly message?: string | undefined
  readonly causes?: readonly { readonly name?: string | undefined; readonly message?: string | undefined }[] | undefined
}

/** Our error out of a run that a backend retrieved, with its code, place and issues. */
export function errorOfRun({ name = 'Error', message = '', causes = [] }: RunError): TracksError {
  let cause: Error | undefined
  for (const { name: causeName = 'Error', message: causeMessage = '' } of causes.toReversed()) {
    cause = Object.assign(new Error(causeMessage, cause ? { cause } : {}), { name: causeName })
  }
  return fromTriggerError(Object.assign(new Error(message, cause ? { cause } : {}), { name }))
}

/** Whether the run was cancelled on Trigger.dev, by a person or along with its parent. */
export function isCancellation(raw: unknown): boolean {
  if (typeof raw === 'string') return /^cancell?ed/i.test(raw)
  return raw instanceof Error && (raw.name === 'TASK_RUN_CANCELLED' || /^cancell?ed by user/i.test(raw.message))
}

function carry(json: string): Error | undefined {
  let cause: Error | undefined
  const pieces = json.match(new RegExp(`[^]{1,${carrierCharacters}}`, 'g')) ?? []
  for (const piece of pieces.toReversed()) {
    cause = new Error(piece, cause ? { cause } : {})
    cause.name = carrierName
    cause.stack = ''
  }
  return cause
}

function carried(raw: unknown): ErrorJson | undefined {
  let json = ''
  let link: unknown = raw instanceof Error ? raw.cause : undefined
  for (; link instanceof Error && link.name === carrierName; link = link.cause) json += link.message
  if (json === '') return undefined
  try {
    return JSON.parse(json) as ErrorJson
  } catch {
    return undefined
  }
}

/** The JSON, with the last issues and the cause left out as far as it would not fit. */
function fitting(error: ErrorJson): string {
  const room = carrierCharacters * carrierCount
  for (let json: ErrorJson = error; ; ) {
    const text = JSON.stringify(json)
    if (text.length <= room) return text
    if (json.cause) {
      const { cause: _cause, ...rest } = json
      json = rest
    } else if (json.issues && json.issues.length > 1) json = { ...json, issues: json.issues.slice(0, Math.floor(json.issues.length / 2)) }
    else return JSON.stringify({ name: error.name, code: error.code, message: error.message.slice(0, 2_000), retryable: error.retryable })
  }
}

function messageOf(raw: unknown): string {
  if (raw instanceof Error) return raw.message || raw.name
  return typeof raw === 'string' ? raw : JSON.stringify(raw)
}
