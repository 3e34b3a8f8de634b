import { types } from 'node:util'
import { CancelledError, toTracksError, TracksError, type ErrorPlace } from '@track-orchestrator/registry'
import { isIgnoredPromise, unlessAborted } from '@track-orchestrator/registry/waiting'

/** A function out of a definition, as messages name it, and where it stands. */
export interface Asked {
  /** As `inputMapper`. */
  readonly what: string
  /** As `step speech of AudioProcessingTrack`. */
  readonly owner: string
  readonly place: ErrorPlace
}

/**
 * Calls a function out of a definition. What it throws becomes `mapper_failed`, naming the function and its step; so does a promise, for
 * it is not awaited. Trying again would not help.
 */
export function callMapper<Result>(asked: Asked, mapper: () => Result): Result {
  let result: Result
  try {
    result = mapper()
  } catch (cause) {
    throw mapperThrew(asked, cause)
  }
  if (isIgnoredPromise(result)) throw mapperFailed(asked, 'answered a promise, which is not awaited. Make it a plain function, and leave what takes time to a task.')
  return result
}

/** As `callMapper`, for a function that answers yes or no. What else it answers is an error, too. */
export function callQuestion(asked: Asked, question: () => unknown): boolean {
  const answer = callMapper(asked, question)
  if (typeof answer === 'boolean') return answer
  throw mapperFailed(asked, `must answer true or false, not ${answer === null ? 'null' : typeof answer}.`)
}

/** As `callMapper`, for a function that may answer later. Not waited for any longer when the signal is aborted. */
export async function callAsyncMapper<Result>(asked: Asked, signal: AbortSignal, mapper: () => Result): Promise<Awaited<Result>> {
  try {
    return await unlessAborted((async () => mapper())(), signal)
  } catch (cause) {
    if (signal.aborted) throw new CancelledError(`The ${asked.what} of ${asked.owner} was cancelled`, { place: asked.place })
    throw mapperThrew(asked, cause)
  }
}

/** The error of a function out of a definition whose answer is of no use. */
export function mapperFailed({ what, owner, place }: Asked, why: string, cause?: unknown): TracksError {
  return new TracksError(`The ${what} of ${owner} ${why}`, { code: 'mapper_failed', retryable: false, place, ...(cause !== undefined && { cause }) })
}

function mapperThrew(asked: Asked, cause: unknown): TracksError {
  const why = toTracksError(cause).message
  return mapperFailed(asked, `threw: ${why}${isWriteRefused(cause) ? '. What it is given is read-only: change a copy of it, as [...list] or structuredClone(value).' : ''}`, cause)
}

/** What V8 says where something frozen was to be changed. */
function isWriteRefused(cause: unknown): boolean {
  return types.isNativeError(cause) && cause.name === 'TypeError' && /read only|not extensible|cannot (?:add|assign|define|delete|redefine)/i.test(cause.message)
}
