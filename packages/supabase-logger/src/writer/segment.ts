import { closeSync, fstatSync, ftruncateSync, openSync, read, rmSync, writeSync } from 'node:fs'
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
  readonly #file: number

  /** Opens the file, or makes it. Throws what the file system throws. */
  constructor(path: string) {
    this.path = path
    this.#file = openSync(path, 'a+', 0o600)
    this.size = fstatSync(this.#file).size
  }

  get isSettled(): boolean {
    return this.#settled >= this.size
  }

  /** Adds a line. `false` where the disk did not take it whole: then nothing of it stays. */
  append(line: Buffer): boolean {
    try {
      if (writeSync(this.#file, line) === line.length) {
        this.size += line.length
        return true
      }
      ftruncateSync(this.#file, this.size)
    } catch {
      // A full or a broken disk. A torn line that stays behind is told from a whole one when it is read.
    }
    return false
  }

  /** The lines from an offset on, at most a portion; none at the end, or where only a torn line is left. */
  async read(from: number, portion: Portion): Promise<Entry[]> {
    for (let length = portion.bytes; ; length *= 4) {
      const bytes = Buffer.alloc(Math.min(length, this.size - from))
      const { bytesRead } = await readAt(this.#file, bytes, 0, bytes.length, from)
      const entries = readLines(bytes.subarray(0, bytesRead), portion)
      if (entries.length > 0 || length >= this.size - from) return entries
    }
  }

  settle(bytes: number): void {
    this.#settled += bytes
  }

  /** Begins anew, once all of it is settled. */
  empty(): void {
    ftruncateSync(this.#file, 0)
    this.size = 0
    this.#settled = 0
  }

  close(): void {
    closeSync(this.#file)
  }

  remove(): void {
    this.close()
    rmSync(this.path, { force: true })
  }
}
