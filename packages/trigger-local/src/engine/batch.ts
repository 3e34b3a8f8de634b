import type { Run } from './run.ts'
import type { Waitpoint } from './waitpoint.ts'

/** Several runs, asked for together: first announced with their number, then streamed item by item. */
export interface Batch {
  readonly id: string
  readonly friendlyId: string
  readonly runCount: number
  readonly parent: Run | undefined
  /** Whether the parent waits for all of its runs. */
  readonly parentWaits: boolean
  readonly waitpoint: Waitpoint
  readonly createdAt: Date
  readonly itemsSeen: Set<number>
  /** How many of its items have become runs: one after the other, and early ones run before late ones are there. */
  expanded: number
  /**
   * The runs that its items stand for. Counted as the real engine counts them: by run. Two items with the same task and key
   * stand for one run, so the count never reaches `runCount`, and the parent waits for ever.
   */
  readonly runs: Set<Run>
  sealed: boolean
  completedAt: Date | undefined
}
