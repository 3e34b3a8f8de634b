import type { TaskEnvelope } from '@track-orchestrator/registry'
import { runs } from '@trigger.dev/sdk'
import { readCarried } from './carried.ts'
import { readClaim, type PayloadStore } from './claim-check.ts'
import { unseal, type Sealed } from './sealed.ts'

/** A run that has succeeded: what `runs.retrieve(id)` or `triggerAndWait` gives. */
export interface EndedRun {
  readonly id: string
  readonly output?: unknown
  /** Asked for where it is not given. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/**
 * The output of a run, also where it was too big to travel and lies in the payload store, or holds keys that Trigger.dev does not
 * take (`constructor`, `prototype`, `__proto__`): `openOutput(await runs.retrieve(id), store)`. Of a single task it is the envelope,
 * with its results. Throws what the store throws, where nothing lies there any more, and where there is no store.
 */
export async function openOutput<Output = unknown>(run: EndedRun, store?: PayloadStore): Promise<Output> {
  const metadata = run.metadata ?? (await runs.retrieve(run.id)).metadata
  const { output: claim, sealed, walk } = readCarried(metadata)
  const output = sealed ? unseal<object>(run.output as Sealed) : run.output
  if (!claim) return output as Output
  if (!store) throw new TypeError(`The output of ${run.id} lies in the payload store: give openOutput the store as well.`)
  const value = await readClaim(store, walk?.walkId ?? run.id, claim, `The output of ${run.id}`)
  const envelope = output as Partial<TaskEnvelope> | null | undefined
  return (envelope?.job ? { ...envelope, results: value } : value) as Output
}
