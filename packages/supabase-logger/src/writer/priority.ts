import type { EventRow } from '../event-row.ts'

/** Which rows go first where the disk is full: `low` ones. */
export type Priority = 'low' | 'normal' | 'high'

/** Debug lines and progress are for whoever watches; how runs went, and what went wrong, is what people come back for. */
export function priorityOf({ level, type }: Pick<EventRow, 'level' | 'type'>): Priority {
  if (level === 'debug') return 'low'
  return level === 'info' && !type.startsWith('run.') ? 'normal' : 'high'
}

/** How full the log's share of the disk may be for a row to be taken still. */
export const fullAt: Readonly<Record<Priority, number>> = { low: 0.75, normal: 0.95, high: 1 }
