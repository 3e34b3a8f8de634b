import { crc32 } from 'node:zlib'
import { beforeCrc, afterCrc, crcDigits, tailBytes, type JournalRecord } from './record.ts'

/** A value that is JSON already, as the last of a record's own keys. */
export interface RecordValue {
  readonly name: 'input' | 'output'
  readonly json: string
}

const smallBytes = 4_096
/** What is grown beyond this is given back as soon as its lines are written. */
const keptBytes = 65_536
/** UTF-16 code units take three bytes of UTF-8 at most. */
const bytesPerUnit = 3
const hexDigits = Buffer.from('0123456789abcdef')

/** Records as the lines that are to be written next. Each is made bytes once, and in place: its checksum needs them, and so does the file. */
export class RecordLines {
  #bytes = Buffer.allocUnsafeSlow(smallBytes)
  #length = 0

  get isEmpty(): boolean {
    return this.#length === 0
  }

  /** Adds the record, line feed included. */
  add(record: JournalRecord, value?: RecordValue): void {
    const facts = JSON.stringify(record).slice(0, -1)
    const body = value ? `${facts},"${value.name}":${value.json}` : facts
    this.#makeRoom(body.length * bytesPerUnit + tailBytes + 1)
    const start = this.#length
    const end = start + this.#bytes.write(body, start)
    this.#length = this.#putTail(end, crc32(this.#bytes.subarray(start, end)))
  }

  /** Takes the lines out. What comes with the next `add` may lie in the same memory: they are to be used up before. */
  take(): Buffer {
    const lines = this.#bytes.subarray(0, this.#length)
    this.#length = 0
    if (this.#bytes.length > keptBytes) this.#bytes = Buffer.allocUnsafeSlow(smallBytes)
    return lines
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#bytes.length) return
    const roomier = Buffer.allocUnsafeSlow(needed * 2)
    this.#bytes.copy(roomier, 0, 0, this.#length)
    this.#bytes = roomier
  }

  /** Byte by byte, for so few: a call of a copying function costs more. */
  #putTail(start: number, crc: number): number {
    const bytes = this.#bytes
    let at = start
    for (const byte of beforeCrc) bytes[at++] = byte
    for (let digit = crcDigits - 1; digit >= 0; digit--) bytes[at++] = hexDigits[(crc >>> (digit * 4)) & 0xf]!
    for (const byte of afterCrc) bytes[at++] = byte
    bytes[at++] = 0x0a
    return at
  }
}
