import type { TaskEnvelope } from '@track-orchestrator/registry'
import { runs } from '@trigger.dev/sdk'
import { readCarried } from './carried.ts'
import { readClaim, type PayloadStore } from './claim-check.ts'

/** A run that has succeeded: what `runs.retrieve(id)` or `triggerAndWait` gives. */
export interface EndedRun {
  readonly id: string
  readonly output?: unknown
  /** Asked for where it is not given. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/**
 * The output of a run, also where it was too big to travel and lies in the payload store: `openOutput(await runs.retrieve(id), store)`.
 * Of a single task it is the envelope, with its results. Throws what the store throws, and where nothing lies there any more.
 */
export async function openOutput<Output = unknown>(run: EndedRun, store: PayloadStore): Promise<Output> {
  const metadata = run.metadata ?? (await runs.retrieve(run.id)).metadata
  const { output: claim, walk } = readCarried(metadata)
  if (!claim) return run.output as Output
  const value = await readClaim(store, walk?.walkId ?? run.id, claim, `The output of ${run.id}`)
  const envelope = run.output as Partial<TaskEnvelope> | null | undefined
  return (envelope?.job ? { ...envelope, results: value } : value) as Output
}
