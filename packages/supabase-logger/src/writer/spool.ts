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
/** Between two tries to make the folder. Milliseconds. */
const patienceMs = 1_000

/** All rows of this process that wait: its own, and those it took over from dead ones. */
export class Spool {
  readonly own: SpoolQueue
  /** From processes that died. Only ever adopted. */
  readonly inherited: SpoolQueue
  readonly #options: SpoolOptions
  #folder: SpoolFolder | undefined
  #failed: { readonly error: unknown; readonly until: number } | undefined

  constructor(options: SpoolOptions) {
    this.#options = options
    const { memory } = options
    const size = Math.min(segmentBytes, Math.max(1, Math.floor(options.diskBytes / 8)))
    const queue = { memory, segmentBytes: size, openSegment: () => this.#open().openSegment(), onDiskRefused: (error: unknown) => this.#tell(error) }
    this.own = new SpoolQueue(queue)
    this.inherited = new SpoolQueue(queue)
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
      return false // told when the next row is written
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

  /** The folder, made on first use; where that fails, not tried again for each event. */
  #open(): SpoolFolder {
    if (this.#folder) return this.#folder
    if (this.#failed && performance.now() < this.#failed.until) throw this.#failed.error
    try {
      return (this.#folder = new SpoolFolder(this.#options.root))
    } catch (error) {
      this.#failed = { error, until: performance.now() + patienceMs }
      throw error
    }
  }

  #tell(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    this.#options.notices.say('spool_failed', `The spool cannot be written: ${why}. Events are kept in memory only, and lost if this process dies`)
  }
}
