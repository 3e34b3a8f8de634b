import type { EventRow } from '../event-row.ts'

/** One line of the spool, read back. */
export interface Entry {
  /** Absent where the line is none of ours: torn by a crash, or overwritten. */
  readonly row: EventRow | undefined
  /** Its length on disk, with the line's end. 0 where it is in memory only. */
  readonly bytes: number
}

/** How much may be taken at once. */
export interface Portion {
  readonly rows: number
  readonly bytes: number
}
