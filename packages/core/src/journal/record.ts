import { crc32 } from 'node:zlib'
import { TerminalError } from '@track-orchestrator/registry'

/** A line of a journal: what happened, as JSON, with its number, its time and, as its last key, the CRC-32 of everything before. */
export interface JournalRecord {
  /** From 1, without gaps. */
  readonly n: number
  /** Milliseconds since 1970 (UTC). */
  readonly at: number
  readonly type: string
  readonly [key: string]: unknown
}

/** Ends every line, in front of the line feed. */
const tailOf = (body: string): string => `,"crc":"${crc32(body).toString(16).padStart(8, '0')}"}`
const [beforeCrc, afterCrc] = [',"crc":"', '"}'].map((text) => Buffer.from(text)) as [Buffer, Buffer]
const crcDigits = 8
const tailBytes = beforeCrc.length + crcDigits + afterCrc.length
/** How the line of an event or a call begins, as `encodeRecord` writes it. A key with anything that JSON or UTF-8 writes otherwise is left to the parser. */
const headPattern = /\{"n":(\d+),"at":(\d+),"type":"(?:(event)"|(call\.[a-z]+)","key":"([^"\\\n\u0080-\u00ff]+)")/y

/**
 * A record whose checksum was looked at, and of which the beginning was read. The rest is parsed when it is asked for: who goes on with a
 * run needs the values of few calls, and of events none.
 */
export interface RecordHead {
  readonly n: number
  readonly at: number
  readonly type: string
  /** Of a call: its path and the hash of its input, as `keyOf` puts them together. */
  readonly key?: string | undefined
  /** The record itself, made anew each time: who is given its values may change them. */
  readonly whole: () => JournalRecord
}

/** The record as a line, line feed included. */
export function encodeRecord(record: JournalRecord): string {
  const body = JSON.stringify(record).slice(0, -1)
  return `${body}${tailOf(body)}\n`
}

/** The record of the line from `start` to `end`, without its line feed; `undefined` where the line is torn, changed or no record at all. */
export function decodeRecord(text: Buffer, start: number, end: number): JournalRecord | undefined {
  return isWhole(text, start, end) ? parseLine(text, start, end) : undefined
}

/** As `decodeRecord`, for the lines of one journal, with the rest left for later. */
export function headDecoder(text: Buffer): (_text: Buffer, start: number, end: number) => RecordHead | undefined {
  const latin1 = text.toString('latin1') // what is kept of a line is a piece of this: a text for each line would be work for the garbage collector
  return (_text, start, end) => {
    if (!isWhole(text, start, end)) return undefined
    headPattern.lastIndex = start
    const head = headPattern.exec(latin1)
    if (head) return new LineHead(Number(head[1]), Number(head[2]), head[3] ?? head[4]!, head[5], text, start, end)
    const record = parseLine(text, start, end)
    return record && headOfRecord(record)
  }
}

/** The head of a record that is at hand. */
export function headOfRecord(record: JournalRecord): RecordHead {
  return { n: record.n, at: record.at, type: record.type, key: record['key'] as string | undefined, whole: () => JSON.parse(JSON.stringify(record)) as JournalRecord }
}

/** The records that are no events. */
export const withoutEvents = (heads: readonly RecordHead[]): JournalRecord[] => heads.filter(({ type }) => type !== 'event').map((head) => head.whole())

/** Made for every line of a journal: without `#` fields, which cost as much again. */
class LineHead implements RecordHead {
  readonly n: number
  readonly at: number
  readonly type: string
  readonly key: string | undefined
  private readonly _text: Buffer
  private readonly _start: number
  private readonly _end: number

  constructor(n: number, at: number, type: string, key: string | undefined, text: Buffer, start: number, end: number) {
    this.n = n
    this.at = at
    this.type = type
    this.key = key
    this._text = text
    this._start = start
    this._end = end
  }

  whole(): JournalRecord {
    const record = parseLine(this._text, this._start, this._end)
    if (record) return record
    throw new TerminalError(`Line ${this.n} of the journal fits its checksum, but is no JSON: it was changed after it was written. Restore the journal from a copy, or start the run anew.`, { code: 'journal/damaged' })
  }
}

/** Whether a line ends with the checksum of what stands before it. Byte by byte: strings made of every line would cost more than the checksum. */
function isWhole(text: Buffer, start: number, end: number): boolean {
  const bodyEnd = end - tailBytes
  if (bodyEnd <= start) return false
  const crcAt = bodyEnd + beforeCrc.length
  const endAt = crcAt + crcDigits
  for (let index = bodyEnd; index < crcAt; index++) if (text[index] !== beforeCrc[index - bodyEnd]) return false
  for (let index = endAt; index < end; index++) if (text[index] !== afterCrc[index - endAt]) return false
  let crc = 0
  for (let index = crcAt; index < endAt; index++) {
    const byte = text[index]!
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1
    if (digit < 0) return false
    crc = crc * 16 + digit
  }
  return crc === crc32(text.subarray(start, bodyEnd))
}

function parseLine(text: Buffer, start: number, end: number): JournalRecord | undefined {
  try {
    const record = JSON.parse(`${text.toString('utf8', start, end - tailBytes)}}`) as JournalRecord
    return Number.isInteger(record.n) && typeof record.type === 'string' ? record : undefined
  } catch {
    return undefined
  }
}
