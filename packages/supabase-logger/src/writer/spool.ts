import type { Portion } from './entry.ts'
import type { Notices } from './notices.ts'
import { fullAt, type Priority } from './priority.ts'
import { hasAbandoned, SpoolFolder } from './spool-folder.ts'
import { SpoolQueue } from './spool-queue.ts'

export interface SpoolOptions {
  /** The folder that all processes which log to this project share. */
  readonly root: string
  readonly memory: Portion
  /** What this process may hold on disk. */
  readonly diskBytes: number
  readonly notices: Notices
}

/** A segment is deleted as a whole, once all of it is safe: small ones free the disk early, large ones cost fewer files. */
const segmentBytes = 4 * 1024 * 1024

/** All rows of this process that wait: its own, and those it took over from dead ones. */
export class Spool {
  readonly own: SpoolQueue
  /** From processes that died. Only ever adopted. */
  readonly inherited: SpoolQueue
  readonly #options: SpoolOptions
  #folder: SpoolFolder | undefined

  constructor(options: SpoolOptions) {
    this.#options = options
    const { memory } = options
    const openSegment = () => this.#open().openSegment()
    const segment = Math.min(segmentBytes, Math.max(1, Math.floor(options.diskBytes / 8)))
    this.own = new SpoolQueue({ memory, segmentBytes: segment, openSegment })
    this.inherited = new SpoolQueue({ memory, segmentBytes: segment, openSegment })
  }

  get bytesOnDisk(): number {
    return this.own.bytesOnDisk + this.inherited.bytesOnDisk
  }

  hasRoomFor(priority: Priority): boolean {
    return this.bytesOnDisk < this.#options.diskBytes * fullAt[priority]
  }

  /** Keeps a row. `false` where there is room for it neither on disk nor in memory. Never throws. */
  keep(line: string, priority: Priority): boolean {
    return this.hasRoomFor(priority) && this.own.append(line) !== 'lost'
  }

  /** Takes over what dead processes left. Whether there was anything. Never throws. */
  adopt(): boolean {
    try {
      if (!this.#folder && !hasAbandoned(this.#options.root)) return false
      const segments = this.#open().adopt()
      for (const segment of segments) this.inherited.adopt(segment)
      return segments.length > 0
    } catch {
      return false // said when the next row is written
    }
  }

  touch(): void {
    this.#folder?.touch()
  }

  /** Closes all files. What waits still may be adopted by another process at once. */
  close(): void {
    this.own.close()
    this.inherited.close()
    this.#folder?.release()
    this.#folder = undefined
  }

  /** The folder, made on first use. */
  #open(): SpoolFolder {
    if (this.#folder) return this.#folder
    try {
      this.#folder = new SpoolFolder(this.#options.root)
      return this.#folder
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.#options.notices.say('spool_failed', `The spool cannot be written: ${why}. Events are kept in memory only, and lost if this process dies`)
      throw error
    }
  }
}
