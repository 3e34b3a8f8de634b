import { closeSync, fstatSync, ftruncateSync, lstatSync, openSync, read, readSync, rmSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import type { EventRow } from '../event-row.ts'

const readAt = promisify(read)
const lineEnd = 0x0a

/** No line of ours is longer, in bytes: what is between two ends of lines further apart is something else. */
export const longestLine = 1_048_576

/** How much may be taken at once. */
export interface Portion {
  readonly rows: number
  readonly bytes: number
}

/** One line of the spool, read back. */
export interface Entry {
  /** Absent where the line is none of ours: overwritten, of another kind, or without an end. */
  readonly row: EventRow | undefined
  /** The beginning of a line without a row, for a person to look at. */
  readonly sample?: string
  /** Its length on disk, with the line's end. */
  readonly bytes: number
  /** Where it is on disk. Absent for a row in memory only. */
  readonly segment?: Segment | undefined
}

/** An entry in the hand of a queue. `number`: how many were drawn before it. */
export interface Drawn extends Entry {
  readonly number: number
}

/** A row as its line in the spool. */
export function toLine(row: EventRow): string {
  return `${JSON.stringify(row)}\n`
}

/** The row that a line holds: an object with an id, which the database looks at closer. `undefined` where it is none. */
export function parseRow(line: string): EventRow | undefined {
  try {
    const value = JSON.parse(line) as Partial<EventRow> | null
    return typeof value === 'object' && typeof value?.id === 'string' && uuid.test(value.id) ? (value as EventRow) : undefined
  } catch {
    return undefined
  }
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
const sampleLength = 1_000

/**
 * The whole lines at the start of some bytes of a segment, at most a portion of them, but always the first.
 * What follows the last line's end was torn by a crash and is no entry, unless it is longer than any line of ours.
 */
export function readLines(bytes: Buffer, portion: Portion): Entry[] {
  const entries: Entry[] = []
  for (let from = 0; from < bytes.length && entries.length < portion.rows; ) {
    const found = bytes.subarray(from, from + longestLine).indexOf(lineEnd)
    if (found < 0 && bytes.length - from < longestLine) break
    const end = found < 0 ? from + longestLine : from + found + 1
    if (entries.length > 0 && end > portion.bytes) break
    entries.push(entryOf(bytes.subarray(from, end)))
    from = end
  }
  return entries
}

function entryOf(line: Buffer): Entry {
  const row = parseRow(line.toString('utf8'))
  return { row, bytes: line.length, ...(row === undefined && { sample: line.toString('utf8', 0, sampleLength).trimEnd() }) }
}

/** One file of the spool: lines are added at its end, read from anywhere, and settled once they are safe elsewhere. */
export class Segment {
  path: string
  /** Bytes in the file. */
  size: number
  /** Bytes whose lines need no sending any more. */
  #settled = 0
  #file: number | undefined

  private constructor(path: string, size: number, file: number | undefined) {
    this.path = path
    this.size = size
    this.#file = file
  }

  /** A file to write to. Throws what the file system throws. */
  static create(path: string): Segment {
    const file = openSync(path, 'a+', 0o600)
    return new Segment(path, fstatSync(file).size, file)
  }

  /** A file that somebody else wrote. Opened when it is read, since there may be many. `undefined` where there is none: a folder, a link. */
  static found(path: string): Segment | undefined {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    return stats?.isFile() ? new Segment(path, stats.size, undefined) : undefined
  }

  get isSettled(): boolean {
    return this.#settled >= this.size
  }

  /** Adds a line to a file that was created. Throws where the disk does not take it whole: then nothing of it stays. */
  append(line: Buffer): void {
    const file = this.#open()
    try {
      const taken = writeSync(file, line)
      if (taken < line.length) throw new Error(`the disk took ${taken} of ${line.length} bytes`)
      this.size += line.length
    } catch (error) {
      ftruncateSync(file, this.size)
      throw error
    }
  }

  /** The lines from an offset on, at most a portion; none at the end, or where only a torn line is left. */
  async read(from: number, portion: Portion): Promise<Entry[]> {
    const file = this.#open()
    for (let length = portion.bytes; ; length = Math.min(length * 4, longestLine)) {
      const bytes = Buffer.allocUnsafe(Math.min(length, this.size - from))
      const { bytesRead } = await readAt(file, bytes, 0, bytes.length, from)
      const entries = readLines(bytes.subarray(0, bytesRead), portion)
      if (entries.length > 0 || length >= Math.min(longestLine, this.size - from)) return entries.map((entry) => ({ ...entry, segment: this }))
    }
  }

  settle(bytes: number): void {
    this.#settled += bytes
  }

  /** Begins anew, once all of it is settled. */
  empty(): void {
    ftruncateSync(this.#open(), 0)
    this.size = 0
    this.#settled = 0
  }

  /** Writes what it holds to another file, and goes on there: its own was removed by somebody. Throws what the file system throws. */
  moveTo(path: string): void {
    const from = this.#open()
    const to = openSync(path, 'a+', 0o600)
    const bytes = Buffer.allocUnsafe(Math.min(longestLine, this.size))
    for (let at = 0; at < this.size; ) {
      const count = readSync(from, bytes, 0, Math.min(bytes.length, this.size - at), at)
      if (count === 0) break
      writeSync(to, bytes, 0, count)
      at += count
    }
    this.close()
    this.#file = to
    this.path = path
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  /** Never throws: a file that stays is sent once more by the next process, which does no harm. */
  remove(): void {
    try {
      this.close()
      rmSync(this.path, { force: true })
    } catch {
      // As said.
    }
  }

  /** For reading only, where it was found: the disk may be read-only. */
  #open(): number {
    return (this.#file ??= openSync(this.path, 'r'))
  }
}
