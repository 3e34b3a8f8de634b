import { TracksError } from '@track-orchestrator/registry'

/** Calls a function out of a definition. What it throws becomes `mapper_failed`, naming the function and its step: trying again would not help. */
export function callMapper<Result>(what: string, owner: string, mapper: () => Result): Result {
  try {
    return mapper()
  } catch (cause) {
    throw mapperFailed(what, owner, cause)
  }
}

/** As `callMapper`, for a function that may answer later. */
export async function callAsyncMapper<Result>(what: string, owner: string, mapper: () => Result): Promise<Awaited<Result>> {
  try {
    return await mapper()
  } catch (cause) {
    throw mapperFailed(what, owner, cause)
  }
}

function mapperFailed(what: string, owner: string, cause: unknown): TracksError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TracksError(`The ${what} of ${owner} threw: ${why}`, { code: 'mapper_failed', retryable: false, cause })
}
