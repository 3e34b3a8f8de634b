import type { WaitpointType } from '@trigger.dev/core/v3'

/** Something that happens once, and that runs may wait for: a run's end, a batch's, a date, somebody's word. */
export interface Waitpoint {
  readonly id: string
  readonly friendlyId: string
  readonly type: WaitpointType
  readonly createdAt: Date
  /** The run whose end this is. */
  readonly run: { readonly id: string; readonly friendlyId: string } | undefined
  /** The batch whose end this is. */
  readonly batch: { readonly id: string; readonly friendlyId: string } | undefined
  /** When it is due (DATETIME) or gives up (MANUAL). */
  completedAfter: Date | undefined
  readonly idempotencyKey: string | undefined
  idempotencyKeyExpiresAt: Date | undefined
  readonly tags: readonly string[]
  /** The runs that wait for it now, by friendly id. */
  readonly waiting: Set<string>
  /** Set once it has happened. */
  completed: Completion | undefined
}

/** How a waitpoint ended. */
export interface Completion {
  readonly at: Date
  readonly output: string | undefined
  readonly outputType: string | undefined
  readonly outputIsError: boolean
}

/** That a run waits for a waitpoint, and as which item of which batch. */
export interface Blocker {
  readonly waitpoint: Waitpoint
  readonly batchId: string | undefined
  readonly index: number | undefined
}
