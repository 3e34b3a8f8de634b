import type { TracksError } from '@track-orchestrator/registry'

/** What the promise rejects with. Fails the test where it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<TracksError> {
  const [settled] = await Promise.allSettled([promise])
  if (settled.status === 'fulfilled') throw new Error('it should have failed')
  return settled.reason as TracksError
}
