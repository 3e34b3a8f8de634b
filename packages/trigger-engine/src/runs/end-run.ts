import { errorAt, toTracksError, type ErrorPlace } from '@track-orchestrator/registry'
import { metadata } from '@trigger.dev/sdk'
import { restoreCarried, tellCarried } from '../crossing/carried.ts'
import { toTriggerError, type ThrowOptions } from '../crossing/trigger-error.ts'
import type { TriggerContext } from './open-run.ts'

/**
 * Ends an attempt with what was thrown, so that a person, Trigger.dev and the waiting run understand it: it always throws.
 * What an error has no room for is in the run's metadata before the run has ended, for whoever waits reads it then.
 */
export async function endFailed({ run }: TriggerContext, thrown: unknown, place: ErrorPlace = {}, options: ThrowOptions = {}): Promise<never> {
  const { thrown: error, rest } = toTriggerError(errorAt(toTracksError(thrown), place), options)
  if (rest) tellCarried(run, { error: rest })
  else restoreCarried(run)
  if (rest) await metadata.flush().catch(() => {})
  throw error
}
