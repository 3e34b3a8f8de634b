import { longestLine, parseRow, type Drawn, type Entry, type Portion, type Segment } from './segment.ts'

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
  /** A segment cannot be read: it stays where it is, and is passed over. */
  readonly onUnreadable: (segment: Segment, error: unknown) => void
}

/**
 * Rows that wait, oldest first: each on disk, the oldest also in memory. Once memory is full, rows are only on disk, until everything before
 * them has been drawn. Rows are drawn into a hand, from which they are settled in any order; what is in hand is on disk still.
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
  #hand: readonly Drawn[] = []
  #drawn = 0
  bytesOnDisk = 0
  /** Rows that the disk refused, and that wait. */
  rowsInMemoryOnly = 0
  /** Rows ever added, and those of them that wait no more. */
  written = 0
  settled = 0

  constructor(options: SpoolQueueOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#hand.length === 0 && this.#heldInMemory === 0 && !this.#diskOnly
  }

  /** So many rows, from the oldest on, wait no more, all of them. */
  get passed(): number {
    return this.#hand[0]?.number ?? this.#drawn
  }

  get hasRowsOnDiskOnly(): boolean {
    return this.#diskOnly !== undefined
  }

  get heldRows(): number {
    return this.#hand.length + this.#heldInMemory
  }

  get segments(): readonly Segment[] {
    return this.#segments
  }

  get #heldInMemory(): number {
    return this.#held.length - this.#head
  }

  /** Takes a row. `disk`: it outlives this process; `memory`: the disk refused it; `lost`: there is room nowhere, or it is longer than any line may be. Never throws. */
  append(line: string): 'disk' | 'memory' | 'lost' {
    const buffer = Buffer.from(line)
    if (buffer.length > longestLine) return 'lost'
    const segment = this.#writeTo(buffer)
    const fits = this.#heldInMemory < this.#options.memory.rows && this.#heldBytes + line.length <= this.#options.memory.bytes
    if (fits && (!this.#diskOnly || !segment)) {
      this.#held.push({ line, bytes: buffer.length, segment })
      this.#heldBytes += line.length
    } else if (segment) this.#diskOnly ??= { segment, offset: segment.size - buffer.length }
    else return 'lost'
    this.written++
    if (!segment) this.rowsInMemoryOnly++
    return segment ? 'disk' : 'memory'
  }

  /** Takes over a segment that another process left. */
  adopt(segment: Segment): void {
    if (segment.size === 0) return segment.remove()
    this.#segments.push(segment)
    this.bytesOnDisk += segment.size
    this.#diskOnly ??= { segment, offset: 0 }
  }

  /** The oldest rows that wait, without settling them. Rejects where the system has no room to open a file just now. */
  async peek(portion: Portion): Promise<readonly Entry[]> {
    const missing = portion.rows - this.#hand.length
    if (missing > 0) {
      const wanted = { rows: missing, bytes: portion.bytes }
      const drawn = this.#heldInMemory > 0 ? this.#drawFromMemory(wanted) : await this.#drawFromDisk(wanted)
      this.#hand = [...this.#hand, ...drawn.map((entry) => ({ ...entry, number: this.#drawn++ }))]
    }
    let bytes = 0
    const end = this.#hand.findIndex((entry, index) => (bytes += entry.bytes) > portion.bytes && index > 0)
    return this.#hand.slice(0, Math.min(end < 0 ? this.#hand.length : end, portion.rows))
  }

  /** Of the entries that `peek` gave, these wait no more. */
  settle(entries: readonly Entry[]): void {
    const done = this.leave(entries)
    this.settled += done.length
    for (const { segment, bytes } of done) {
      if (segment) segment.settle(bytes)
      else this.rowsInMemoryOnly--
    }
    this.#tidy()
  }

  /** Of the entries that `peek` gave, these are passed over, and stay in their files for the next process. Gives those that were in hand: none, where it was closed meanwhile. */
  leave(entries: readonly Entry[]): readonly Entry[] {
    const given = new Set(entries)
    const left = this.#hand.filter((entry) => given.has(entry))
    this.#hand = this.#hand.filter((entry) => !given.has(entry))
    return left
  }

  /** The folder of its files was removed: what they hold goes to files of another one. Throws what the file system throws. */
  moveTo(nextPath: () => string): void {
    for (const segment of this.#segments) segment.moveTo(nextPath())
  }

  /** Closes the files. Those with rows that wait stay; rows only in memory are lost. */
  close(): void {
    for (const segment of this.#segments) {
      if (segment.isSettled) segment.remove()
      else segment.close()
    }
    this.#hand = []
    this.#segments = []
    this.bytesOnDisk = 0
    this.#active = undefined
    this.#held = []
    this.#head = 0
    this.#heldBytes = 0
    this.#diskOnly = undefined
    this.rowsInMemoryOnly = 0
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

  #drawFromMemory(portion: Portion): readonly Entry[] {
    const drawn: Entry[] = []
    for (let bytes = 0; this.#head < this.#held.length && drawn.length < portion.rows; this.#head++) {
      const { line, bytes: length, segment } = this.#held[this.#head]!
      bytes += length
      if (drawn.length > 0 && bytes > portion.bytes) break
      this.#heldBytes -= line.length
      drawn.push({ row: parseRow(line), bytes: length, segment })
    }
    // Now and then, not for each batch: that would move a long queue again and again.
    if (this.#head > this.#held.length / 2) {
      this.#held = this.#held.slice(this.#head)
      this.#head = 0
    }
    return drawn
  }

  async #drawFromDisk(portion: Portion): Promise<readonly Entry[]> {
    for (;;) {
      const place = this.#diskOnly
      if (!place) return []
      const end = place.segment.size
      const drawn = await place.segment.read(place.offset, portion).catch((error: unknown) => this.#passOver(place.segment, error))
      if (this.#diskOnly !== place) continue // closed meanwhile, or passed over
      for (const { bytes } of drawn) place.offset += bytes
      // Nothing more up to there than, perhaps, a torn line. Lines may have come meanwhile.
      if (drawn.length === 0) {
        place.segment.settle(end - place.offset)
        place.offset = end
      }
      if (place.offset >= place.segment.size) this.#goToNext(place.segment)
      if (drawn.length > 0) return drawn
      this.#tidy()
    }
  }

  /** One that was removed was sent by whoever removed it. One that cannot be read stays for a person. */
  #passOver(segment: Segment, error: unknown): Entry[] {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM' || code === 'EAGAIN') throw error
    if (code !== 'ENOENT') this.#options.onUnreadable(segment, error)
    this.#goToNext(segment)
    this.bytesOnDisk -= segment.size
    this.#segments = this.#segments.filter((one) => one !== segment)
    if (this.#active === segment) this.#active = undefined
    segment.close()
    return []
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
