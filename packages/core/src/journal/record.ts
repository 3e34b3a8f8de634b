import { crc32 } from 'node:zlib'

/** A line of a journal: what happened, as JSON, with its number, its time and, as its last key, the CRC-32 of everything before. */
export interface JournalRecord {
  /** From 1, without gaps. */
  readonly n: number
  /** Milliseconds since 1970 (UTC). */
  readonly at: number
  readonly type: string
  readonly [key: string]: unknown
}

/** Ends every line: `,"crc":"0badcafe"}` and the line feed. */
const tailOf = (body: string | Uint8Array): string => `,"crc":"${crc32(body).toString(16).padStart(8, '0')}"}`
const tailBytes = tailOf('').length
/** How the line of an event begins, as `encodeRecord` writes it. */
const eventHead = /^\{"n":(\d+),"at":(\d+),"type":"event",/
const eventHeadBytes = 70

/** The record as a line, line feed included. */
export function encodeRecord(record: JournalRecord): string {
  const body = JSON.stringify(record).slice(0, -1)
  return `${body}${tailOf(body)}\n`
}

/**
 * The record of a line (without its line feed); `undefined` where the line is torn, changed or no record at all. `withEvents` false: an event
 * is checked, and answered with its number, time and type alone.
 */
export function decodeRecord(line: Buffer, withEvents = true): JournalRecord | undefined {
  const end = line.length - tailBytes
  if (end <= 0 || line.toString('latin1', end) !== tailOf(line.subarray(0, end))) return undefined
  const event = withEvents ? undefined : eventHead.exec(line.toString('latin1', 0, eventHeadBytes))
  if (event) return { n: Number(event[1]), at: Number(event[2]), type: 'event' }
  try {
    const record = JSON.parse(`${line.toString('utf8', 0, end)}}`) as JournalRecord
    return Number.isInteger(record.n) && typeof record.type === 'string' ? record : undefined
  } catch {
    return undefined
  }
}
