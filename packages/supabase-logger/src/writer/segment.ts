import { closeSync, fstatSync, ftruncateSync, openSync, read, rmSync, statSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Entry, Portion } from './entry.ts'
import { readLines } from './lines.ts'

const readAt = promisify(read)

/** One file of the spool: lines are added at its end, read from anywhere, and settled once they are safe elsewhere. */
export class Segment {
  readonly path: string
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

  /** A file that somebody else wrote. Opened when it is read, since there may be many. Throws where there is none. */
  static found(path: string): Segment {
    return new Segment(path, statSync(path).size, undefined)
  }

  get isSettled(): boolean {
    return this.#settled >= this.size
  }

  /** Adds a line. Throws where the disk does not take it whole: then nothing of it stays. */
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
    for (let length = portion.bytes; ; length *= 4) {
      const bytes = Buffer.allocUnsafe(Math.min(length, this.size - from))
      const { bytesRead } = await readAt(file, bytes, 0, bytes.length, from)
      const entries = readLines(bytes.subarray(0, bytesRead), portion)
      if (entries.length > 0 || length >= this.size - from) return entries
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

  #open(): number {
    return (this.#file ??= openSync(this.path, 'a+', 0o600))
  }
}
