import type { EventRow } from '../event-row.ts'
import type { Entry, Portion } from './entry.ts'

const lineEnd = 0x0a

/** A row as its line in the spool. */
export function toLine(row: EventRow): string {
  return `${JSON.stringify(row)}\n`
}

/**
 * The whole lines at the start of some bytes of a segment, at most a portion of them, but always the first.
 * What follows the last line's end was torn by a crash and is no entry; a line that is no JSON object is one without a row.
 */
export function readLines(bytes: Buffer, portion: Portion): Entry[] {
  const entries: Entry[] = []
  for (let from = 0; from < bytes.length && entries.length < portion.rows; ) {
    const end = bytes.indexOf(lineEnd, from) + 1
    if (end === 0 || (entries.length > 0 && end > portion.bytes)) break
    entries.push({ row: parseRow(bytes.toString('utf8', from, end)), bytes: end - from })
    from = end
  }
  return entries
}

export function parseRow(line: string): EventRow | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as EventRow) : undefined
  } catch {
    return undefined
  }
}
