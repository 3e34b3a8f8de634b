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

/** Stand around the checksum, which ends every line, in front of the line feed. */
export const [beforeCrc, afterCrc] = [',"crc":"', '"}'].map((text) => Buffer.from(text)) as [Buffer, Buffer]
export const crcDigits = 8
/** Of what ends every line. */
export const tailBytes = beforeCrc.length + crcDigits + afterCrc.length

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
  /** Of a call: what stands behind its key and its path. Made anew each time too, in less of it. */
  readonly rest: () => RecordedFacts
}

/** What a record says, by its keys. */
export type RecordedFacts = Readonly<Record<string, unknown>>

/** The record of the line from `start` to `end`, without its line feed; `undefined` where the line is torn, changed or no record at all. */
export function decodeRecord(text: Buffer, start: number, end: number): JournalRecord | undefined {
  return isWhole(text, start, end) ? parseLine(text, start, end) : undefined
}

/** The head of a record that is at hand. */
export function headOfRecord(record: JournalRecord): RecordHead {
  const whole = () => JSON.parse(JSON.stringify(record)) as JournalRecord
  return { n: record.n, at: record.at, type: record.type, key: record['key'] as string | undefined, whole, rest: whole }
}

/** The path of a call's record; nothing of any other record. */
export function pathOf({ type, key }: RecordHead): string | undefined {
  return key !== undefined && type.startsWith('call.') ? key.slice(0, key.lastIndexOf('#')) : undefined
}

/** Whether the call's input has the hash. */
export const hasHash = ({ key }: RecordHead, hash: string): boolean => key!.endsWith(hash) && key![key!.length - hash.length - 1] === '#'

/** Whether a line ends with the checksum of what stands before it. Byte by byte: strings made of every line would cost more than the checksum. */
export function isWhole(text: Buffer, start: number, end: number): boolean {
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

/** The record of a whole line; `undefined` where it is none. */
export function parseLine(text: Buffer, start: number, end: number): JournalRecord | undefined {
  try {
    const record = JSON.parse(`${text.toString('utf8', start, end - tailBytes)}}`) as JournalRecord
    return Number.isInteger(record.n) && typeof record.type === 'string' ? record : undefined
  } catch {
    return undefined
  }
}
