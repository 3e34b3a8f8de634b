import { type FileHandle, open } from 'node:fs/promises'
import { fdatasync, writeSync } from 'node:fs'
import { TerminalError } from '@track-orchestrator/registry'
import { RecordLines, type RecordValue } from './record-lines.ts'

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

type Body = { readonly type: string; readonly [key: string]: unknown }

/**
 * Writes to the end of one journal. Records are written in the order in which they are handed in; those that are to be safe share an
 * fdatasync with all that came meanwhile. After a failed write nothing more is taken: the file ends with its last whole record.
 */
export class RecordAppender {
  readonly #file: FileHandle
  readonly #path: string
  #number: number
  #endBytes: number
  /** Lines that were noted, and are not in the file yet. */
  readonly #noted = new RecordLines()
  /** Was handed in last, and may be taken back. */
  #held: Body | undefined
  /** Writes what was noted where nothing else does. */
  #atEndOfTurn: NodeJS.Immediate | undefined
  #waiting: Waiting[] = []
  #syncing: Promise<void> | undefined
  /** Something was written since the last fdatasync began. */
  #isUnsafe = true
  #failure: TerminalError | undefined

  private constructor(file: FileHandle, path: string, number: number, endBytes: number) {
    this.#file = file
    this.#path = path
    this.#number = number
    this.#endBytes = endBytes
  }

  /** Goes on behind `endBytes`, where record number `number` ends; what lies behind is cut off. The file is made where there is none, for its owner only. */
  static async open(path: string, number: number, endBytes: number): Promise<RecordAppender> {
    const file = await open(path, 'a', 0o600)
    try {
      await file.truncate(endBytes)
      return new RecordAppender(file, path, number, endBytes)
    } catch (cause) {
      await file.close()
      throw writeFailed(path, cause)
    }
  }

  /** Writes a record, with those that were noted before it, and returns its number. It survives this process, not yet a loss of power. Throws `journal/write_failed`. */
  write(body: Body, value?: RecordValue): number {
    this.#add(body, value)
    this.writeNoted()
    return this.#number
  }

  /**
   * Takes a record that is written with the next one, or when this turn of the event loop ends: nothing hangs on it, and a call of the
   * system for it alone would cost as much as all the rest. Returns its number. Throws `journal/write_failed` where an earlier one could not be written.
   */
  note(body: Body): number {
    this.#add(body)
    this.#atEndOfTurn ??= setImmediate(() => this.#writeInTurn())
    return this.#number
  }

  /** As `note`; until the next record is handed in, `takeHeld` takes it back. It must be what JSON can say. */
  hold(body: Body): void {
    if (this.#failure) throw this.#failure
    this.#encodeHeld()
    this.#held = { at: Date.now(), ...body }
    this.#atEndOfTurn ??= setImmediate(() => this.#writeInTurn())
  }

  /** What `use` makes of the record that was held last, which is then not written. Nothing where none is held, or `use` has no use for it. */
  takeHeld<Used>(use: (body: Body) => Used | undefined): Used | undefined {
    const used = this.#held && use(this.#held)
    if (used !== undefined) this.#held = undefined
    return used
  }

  #encodeHeld(): void {
    const held = this.#held
    this.#held = undefined
    if (held) this.#add(held)
  }

  #add(body: Body, value?: RecordValue): void {
    if (this.#failure) throw this.#failure
    this.#encodeHeld()
    this.#noted.add({ n: this.#number + 1, at: Date.now(), ...body }, value)
    this.#number++
  }

  /** Writes what was noted, and not yet written. Throws `journal/write_failed`. */
  writeNoted(): void {
    if (this.#failure) throw this.#failure
    this.#encodeHeld()
    if (this.#noted.isEmpty) return
    clearImmediate(this.#atEndOfTurn) // a turn of the event loop for nothing costs as much as a record
    this.#atEndOfTurn = undefined
    const lines = this.#noted.take()
    try {
      for (let written = 0; written < lines.length; ) written += writeSync(this.#file.fd, lines, written)
    } catch (cause) {
      throw this.#fail(cause)
    }
    this.#endBytes += lines.length
    this.#isUnsafe = true
  }

  /** Who writes next, or waits for `safe`, is told where it fails. */
  #writeInTurn(): void {
    try {
      if (!this.#failure) this.writeNoted()
    } catch {
      // kept as the failure
    }
  }

  /** Resolves when everything written so far is safe from a loss of power too. Rejects with `journal/write_failed`. */
  safe(): Promise<void> {
    this.#writeInTurn()
    if (this.#failure) return Promise.reject(this.#failure)
    if (!this.#isUnsafe && !this.#syncing) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#syncing ??= this.#sync()
    })
  }

  /** What belongs to a record could not be written beside the journal: as after a record that could not, nothing more is taken. Returns the failure. */
  refuse(cause: unknown): TerminalError {
    return (this.#failure ??= writeFailed(this.#path, cause))
  }

  /** Ends when what was written is safe. */
  async close(): Promise<void> {
    try {
      if (!this.#failure) await this.safe()
    } finally {
      await this.#syncing // the file is known to it by its number, which may be another's as soon as it is closed
      await this.#file.close()
    }
  }

  async #sync(): Promise<void> {
    // What is handed in within the same turn of the event loop shares the first fdatasync as well.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting
      this.#waiting = []
      this.#isUnsafe = false
      try {
        await datasync(this.#file.fd)
        for (const { resolve } of waiting) resolve()
      } catch (cause) {
        const failure = this.#fail(cause)
        for (const { reject } of [...waiting, ...this.#waiting]) reject(failure)
        this.#waiting = []
      }
    }
    this.#syncing = undefined
  }

  /** A record that was written in part must not stand in front of later ones. */
  #fail(cause: unknown): TerminalError {
    const failure = this.refuse(cause)
    void this.#file.truncate(this.#endBytes).catch(() => {}) // where that fails too, the next reader cuts the torn line off
    return failure
  }
}

/** By number: what a `FileHandle` puts around the call costs a tenth of a step that is made safe. */
const datasync = (file: number): Promise<void> => new Promise((resolve, reject) => fdatasync(file, (cause) => (cause ? reject(cause) : resolve())))

export function writeFailed(path: string, cause: unknown): TerminalError {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  const advice = why === 'ENOSPC' || why === 'EDQUOT' ? 'Make room, then resume the run.' : 'Resume the run once that is mended.'
  return new TerminalError(`The journal ${path} cannot be written (${why}): nothing more is started. ${advice}`, { code: 'journal/write_failed', cause })
}
