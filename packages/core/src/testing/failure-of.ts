import type { TracksError } from '@track-orchestrator/registry'
import { expect } from 'vitest'

/** What the promise rejects with. Fails the test where it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<TracksError> {
  return promise.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error as TracksError,
  )
}
