import { isAscii } from 'node:buffer'
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

/** Stand around the checksum, which ends every line, in front of the line feed. */
export const [beforeCrc, afterCrc] = [',"crc":"', '"}'].map((text) => Buffer.from(text)) as [Buffer, Buffer]
export const crcDigits = 8
const [beforeN, beforeAt, beforeType, beforeKey] = ['{"n":', ',"at":', ',"type":"', '","key":"'].map(({ length }) => length) as [number, number, number, number]
export const tailBytes = beforeCrc.length + crcDigits + afterCrc.length
/** How the line of an event or a call begins, as `RecordLines` writes it. A key with anything that JSON or UTF-8 writes otherwise is left to the parser. */
const headPattern = /\{"n":\d+,"at":\d+,"type":"(?:event"|call\.(?:started|succeeded|failed)","key":"[^"\\\n\u0080-\u00ff]+")/y
/** By the seventh letter of each. */
const typesOfCalls: Readonly<Record<string, string>> = { t: 'call.started', u: 'call.succeeded', a: 'call.failed' }

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
  /** Of a call: what stands behind its key. Made anew each time too, in less of it. */
  readonly rest: () => RecordedFacts
}

/** What a record says, by its keys. */
export type RecordedFacts = Readonly<Record<string, unknown>>

/** The record of the line from `start` to `end`, without its line feed; `undefined` where the line is torn, changed or no record at all. */
export function decodeRecord(text: Buffer, start: number, end: number): JournalRecord | undefined {
  return isWhole(text, start, end) ? parseLine(text, start, end) : undefined
}

/** As `decodeRecord`, for the lines of one journal, with the rest left for later. */
export function headDecoder(bytes: Buffer): (_text: Buffer, start: number, end: number) => RecordHead | undefined {
  // What is kept of a line is a piece of this: a text for each line would be work for the garbage collector.
  const text: JournalText = { bytes, latin1: bytes.toString('latin1'), isAscii: isAscii(bytes) }
  return (_text, start, end) => {
    if (!isWhole(bytes, start, end)) return undefined
    headPattern.lastIndex = start
    if (headPattern.test(text.latin1)) return new LineHead(text, start, end, headPattern.lastIndex)
    const record = parseLine(bytes, start, end)
    return record && headOfRecord(record)
  }
}

interface JournalText {
  readonly bytes: Buffer
  /** A character a byte. */
  readonly latin1: string
  /** Then it is the text itself. */
  readonly isAscii: boolean
}

/** The head of a record that is at hand. */
export function headOfRecord(record: JournalRecord): RecordHead {
  const whole = () => JSON.parse(JSON.stringify(record)) as JournalRecord
  return { n: record.n, at: record.at, type: record.type, key: record['key'] as string | undefined, whole, rest: whole }
}

/** The records that are no events. */
export const withoutEvents = (heads: readonly RecordHead[]): JournalRecord[] => heads.filter(({ type }) => type !== 'event').map((head) => head.whole())

/** Made for every line of a journal: without `#` fields, which cost as much again, and with nothing that can be found when it is asked for. */
class LineHead implements RecordHead {
  readonly n: number
  readonly type: string
  readonly key: string | undefined
  private readonly _text: JournalText
  private readonly _start: number
  private readonly _end: number
  private readonly _headEnd: number

  /** `headEnd`: where `headPattern` ends. */
  constructor(text: JournalText, start: number, end: number, headEnd: number) {
    this._text = text
    this._start = start
    this._end = end - tailBytes
    this._headEnd = headEnd
    const nEnd = text.latin1.indexOf(',', start)
    this.n = Number(text.latin1.slice(start + beforeN, nEnd))
    const typeStart = text.latin1.indexOf(',', nEnd + 1) + beforeType
    const isCall = text.latin1[typeStart] === 'c'
    this.type = isCall ? typesOfCalls[text.latin1[typeStart + 6]!]! : 'event'
    this.key = isCall ? text.latin1.slice(typeStart + this.type.length + beforeKey, headEnd - 1) : undefined
  }

  get at(): number {
    const { latin1 } = this._text
    const start = latin1.indexOf(',', this._start) + beforeAt
    return Number(latin1.slice(start, latin1.indexOf(',', start)))
  }

  whole(): JournalRecord {
    return this._parse(this._start, '') as JournalRecord
  }

  rest(): RecordedFacts {
    return this._parse(this._headEnd + 1, '{') // behind a comma
  }

  private _parse(start: number, before: string): RecordedFacts {
    const { bytes, latin1, isAscii: isText } = this._text
    try {
      return JSON.parse(`${before}${isText ? latin1.slice(start, this._end) : bytes.toString('utf8', start, this._end)}}`) as RecordedFacts
    } catch (cause) {
      throw new TerminalError(`Line ${this.n} of the journal fits its checksum, but is no JSON: it was changed after it was written. Restore the journal from a copy, or start the run anew.`, { code: 'journal/damaged', cause })
    }
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
  let crc = 0 // as a signed number: others are made objects of their own
  for (let index = crcAt; index < endAt; index++) {
    const byte = text[index]!
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1
    if (digit < 0) return false
    crc = (crc << 4) | digit
  }
  return crc === (crc32(text.subarray(start, bodyEnd)) | 0)
}

function parseLine(text: Buffer, start: number, end: number): JournalRecord | undefined {
  try {
    const record = JSON.parse(`${text.toString('utf8', start, end - tailBytes)}}`) as JournalRecord
    return Number.isInteger(record.n) && typeof record.type === 'string' ? record : undefined
  } catch {
    return undefined
  }
}
