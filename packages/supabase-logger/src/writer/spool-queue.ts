import type { Entry, Portion } from './entry.ts'
import { parseRow } from './lines.ts'
import type { Segment } from './segment.ts'

/** A row in memory, as its line. */
interface Held {
  readonly line: string
  readonly bytes: number
  /** Absent where the disk did not take it. */
  readonly segment: Segment | undefined
}

export interface SpoolQueueOptions {
  /** Rows held in memory at most, and bytes of their lines; what comes after is read back from disk. */
  readonly memory: Portion
  /** A segment that is longer is followed by a new one. */
  readonly segmentBytes: number
  /** Opens the next segment. Throws what the file system throws. */
  readonly openSegment: () => Segment
  /** The disk did not take a row: it is in memory only, if there is room. */
  readonly onDiskRefused: (error: unknown) => void
}

/**
 * Rows that wait, oldest first: each on disk, the oldest also in memory. Once memory is full, rows are only on disk,
 * until everything before them is settled and they have been read back.
 */
export class SpoolQueue {
  readonly #options: SpoolQueueOptions
  #segments: Segment[] = []
  /** The last segment, where it is one to be written. */
  #active: Segment | undefined
  #held: Held[] = []
  #head = 0
  #heldBytes = 0
  /** Where the lines begin that are on disk only. Absent where there are none. */
  #diskOnly: { segment: Segment; offset: number } | undefined
  /** What was last looked at. */
  #peeked: { readonly entries: readonly Entry[]; readonly onDisk: boolean } | undefined
  bytesOnDisk = 0
  /** Rows ever added, and those of them that wait no more. */
  written = 0
  settled = 0

  constructor(options: SpoolQueueOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#head === this.#held.length && !this.#diskOnly
  }

  get hasRowsOnDiskOnly(): boolean {
    return this.#diskOnly !== undefined
  }

  get heldRows(): number {
    return this.#held.length - this.#head
  }

  /** Takes a row. `disk`: it outlives this process; `memory`: the disk refused it; `lost`: there is room nowhere. Never throws. */
  append(line: string): 'disk' | 'memory' | 'lost' {
    const buffer = Buffer.from(line)
    const segment = this.#writeTo(buffer)
    const fits = this.heldRows < this.#options.memory.rows && this.#heldBytes + line.length <= this.#options.memory.bytes
    if (fits && (!this.#diskOnly || !segment)) {
      this.#held.push({ line, bytes: buffer.length, segment })
      this.#heldBytes += line.length
    } else if (segment) this.#diskOnly ??= { segment, offset: segment.size - buffer.length }
    else return 'lost'
    this.written++
    return segment ? 'disk' : 'memory'
  }

  /** Takes over a segment that another process left. */
  adopt(segment: Segment): void {
    this.#segments.push(segment)
    this.bytesOnDisk += segment.size
    this.#diskOnly ??= { segment, offset: 0 }
  }

  /** The oldest rows that wait, without taking them. */
  async peek(portion: Portion): Promise<readonly Entry[]> {
    const onDisk = this.heldRows === 0
    const entries = onDisk ? await this.#peekOnDisk(portion) : this.#peekInMemory(portion)
    this.#peeked = { entries, onDisk }
    return entries
  }

  /** The first so many of the entries that the last `peek` gave wait no more. */
  settle(entries: readonly Entry[], count: number): void {
    if (this.#peeked?.entries !== entries) return // closed meanwhile
    const done = entries.slice(0, count)
    this.settled += done.length
    if (this.#peeked.onDisk) this.#settleOnDisk(done)
    else this.#settleInMemory(done.length)
    this.#peeked = undefined
    this.#tidy()
  }

  /** Closes the files. Those with rows that wait stay; rows only in memory are lost. */
  close(): void {
    for (const segment of this.#segments) {
      if (segment.isSettled) segment.remove()
      else segment.close()
    }
    this.#peeked = undefined
    this.#segments = []
    this.bytesOnDisk = 0
    this.#active = undefined
    this.#held = []
    this.#head = 0
    this.#heldBytes = 0
    this.#diskOnly = undefined
  }

  #writeTo(line: Buffer): Segment | undefined {
    try {
      if (!this.#active || this.#active.size >= this.#options.segmentBytes) {
        this.#active = this.#options.openSegment()
        this.#segments.push(this.#active)
      }
      this.#active.append(line)
      this.bytesOnDisk += line.length
      return this.#active
    } catch (error) {
      this.#options.onDiskRefused(error)
      return undefined
    }
  }

  #peekInMemory(portion: Portion): readonly Entry[] {
    const entries: Entry[] = []
    let bytes = 0
    for (let index = this.#head; index < this.#held.length && entries.length < portion.rows; index++) {
      const held = this.#held[index]!
      bytes += held.bytes
      if (entries.length > 0 && bytes > portion.bytes) break
      entries.push({ row: parseRow(held.line), bytes: held.bytes })
    }
    return entries
  }

  async #peekOnDisk(portion: Portion): Promise<readonly Entry[]> {
    for (;;) {
      const place = this.#diskOnly
      if (!place) return []
      const end = place.segment.size
      const entries = await place.segment.read(place.offset, portion)
      if (entries.length > 0) return entries
      // Nothing more up to there than, perhaps, a torn line. Lines may have come meanwhile.
      place.segment.settle(end - place.offset)
      place.offset = end
      if (place.segment.size === end) this.#goToNext(place.segment)
      this.#tidy()
    }
  }

  #settleInMemory(count: number): void {
    for (const { line, bytes, segment } of this.#held.slice(this.#head, this.#head + count)) {
      this.#heldBytes -= line.length
      segment?.settle(bytes)
    }
    this.#head += count
    // Now and then, not for each batch: that would move a long queue again and again.
    if (this.#head > this.#held.length / 2) {
      this.#held = this.#held.slice(this.#head)
      this.#head = 0
    }
  }

  #settleOnDisk(entries: readonly Entry[]): void {
    const place = this.#diskOnly
    if (!place) return
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
    place.offset += bytes
    place.segment.settle(bytes)
    if (place.offset >= place.segment.size) this.#goToNext(place.segment)
  }

  #goToNext(segment: Segment): void {
    const next = this.#segments[this.#segments.indexOf(segment) + 1]
    this.#diskOnly = next && { segment: next, offset: 0 }
  }

  /** Settled segments go; the one that is written begins anew. */
  #tidy(): void {
    for (const segment of this.#segments.filter((one) => one.isSettled)) {
      this.bytesOnDisk -= segment.size
      if (segment !== this.#active) {
        this.#segments.splice(this.#segments.indexOf(segment), 1)
        segment.remove()
      } else if (segment.size > 0) segment.empty()
    }
  }
}
