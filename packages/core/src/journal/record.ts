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
const tail = /,"crc":"([\da-f]{8})"\}$/

/** The record as a line, line feed included. */
export function encodeRecord(record: JournalRecord): string {
  const body = JSON.stringify(record).slice(0, -1)
  return `${body},"crc":"${checksum(body)}"}\n`
}

/** The record of a line (without its line feed); `undefined` where the line is torn, changed or no record at all. */
export function decodeRecord(line: string): JournalRecord | undefined {
  const end = tail.exec(line)
  if (!end || checksum(line.slice(0, end.index)) !== end[1]) return undefined
  try {
    const { crc: _crc, ...record } = JSON.parse(line) as JournalRecord & { crc: string }
    return Number.isInteger(record.n) && typeof record.type === 'string' ? record : undefined
  } catch {
    return undefined
  }
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')
