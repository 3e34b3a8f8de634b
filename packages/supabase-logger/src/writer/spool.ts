import { dirname } from 'node:path'
import type { EventRow } from '../event-row.ts'
import type { Notices } from './notices.ts'
import { Segment, type Portion } from './segment.ts'
import { abandonedSegments, removeFolder, SpoolFolder } from './spool-folder.ts'
import { SpoolQueue } from './spool-queue.ts'

export interface SpoolOptions {
  /** The folder that all processes which log to this project share. */
  readonly root: string
  readonly memory: Portion
  /** What this process may hold on disk. */
  readonly diskBytes: number
  readonly notices: Notices
}

/** Which rows go first where the disk is full: `low` ones. */
export type Priority = 'low' | 'normal' | 'high'

/** Debug lines and progress are for whoever watches; how runs went, and what went wrong, is what people come back for. */
export function priorityOf({ level, type }: Pick<EventRow, 'level' | 'type'>): Priority {
  if (level === 'debug') return 'low'
  return level === 'info' && !type.startsWith('run.') ? 'normal' : 'high'
}

/** How full the log's share of the disk may be for a row to be taken still. */
const fullAt: Readonly<Record<Priority, number>> = { low: 0.75, normal: 0.95, high: 1 }
/** A segment is deleted as a whole, once all of it is safe: small ones free the disk early, large ones cost fewer files. */
const segmentBytes = 4 * 1024 * 1024
/** Between two tries to make the folder. Milliseconds. */
const patienceMs = 1_000

/** All rows of this process that wait: its own, those it took over from dead processes, and those of runs that have to wait by themselves. */
export class Spool {
  readonly own: SpoolQueue
  /** From processes that died. Only ever adopted. */
  readonly inherited: SpoolQueue
  /** Of runs whose rows cannot be stored now, while others can. */
  readonly apart: SpoolQueue
  readonly #options: SpoolOptions
  #folder: SpoolFolder | undefined
  #failed: { readonly error: unknown; readonly until: number } | undefined
  /** Segments of dead processes that are sent from where they lie. */
  readonly #inPlace = new Set<string>()

  constructor(options: SpoolOptions) {
    this.#options = options
    const { memory } = options
    const size = Math.min(segmentBytes, Math.max(1, Math.floor(options.diskBytes / 8)))
    const queue = {
      ...{ memory, segmentBytes: size, openSegment: () => this.#openSegment(), onDiskRefused: (error: unknown) => this.#tell(error) },
      onUnreadable: ({ path }: Segment, error: unknown) => options.notices.say('line_unreadable', `${path} cannot be read: ${messageOf(error)}. It stays there; the others are sent`),
    }
    this.own = new SpoolQueue(queue)
    this.inherited = new SpoolQueue(queue)
    this.apart = new SpoolQueue(queue)
  }

  get bytesOnDisk(): number {
    return this.own.bytesOnDisk + this.inherited.bytesOnDisk + this.apart.bytesOnDisk
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
      const paths = abandonedSegments(this.#options.root, this.#folder?.path).filter((path) => !this.#inPlace.has(path))
      const segments = paths.flatMap((path) => this.#take(path) ?? [])
      for (const segment of segments) this.inherited.adopt(segment)
      for (const folder of new Set(paths.map((path) => dirname(path)))) removeFolder(folder)
      return segments.length > 0
    } catch {
      return false // looked at again before long, and told when a row is written
    }
  }

  /** A sign of life. Where somebody removed the folder, what it held is written to a new one. */
  touch(): void {
    if (!this.#folder || this.#folder.touch()) return
    this.#folder = undefined
    try {
      const folder = this.#open()
      for (const queue of [this.own, this.inherited, this.apart]) queue.moveTo(() => folder.nextPath())
    } catch (error) {
      this.#tell(error)
    }
  }

  /** Closes all files. What waits still may be adopted by another process at once. */
  close(): void {
    for (const queue of [this.own, this.inherited, this.apart]) queue.close()
    this.#folder?.release()
    this.#folder = undefined
  }

  #openSegment(): Segment {
    try {
      return this.#open().openSegment()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !this.#folder) throw error
      this.touch() // the folder was removed
      return this.#open().openSegment()
    }
  }

  /** Into the own folder; where the disk does not let it, as one that is full or read-only, it is sent from where it lies: twice does no harm. */
  #take(path: string): Segment | undefined {
    try {
      return this.#open().take(path)
    } catch {
      this.#inPlace.add(path)
      return Segment.found(path)
    }
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
    this.#options.notices.say('spool_failed', `The spool cannot be written: ${messageOf(error)}. Events are kept in memory only, and lost if this process dies`)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
