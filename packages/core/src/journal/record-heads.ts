import { factsOf, journalText, LineHead, type JournalText, type LinePlace } from './line-head.ts'
import { hasHash, headOfRecord, isWhole, parseLine, pathOf, type JournalRecord, type RecordedFacts, type RecordHead } from './record.ts'

/** How the line of an event or a call begins, as `RecordLines` writes it. A key with anything that JSON or UTF-8 writes otherwise is left to the parser. */
const headPattern = /\{"n":\d+,"at":\d+,"type":"(?:event"|call\.(?:started|succeeded|failed)","key":"[^"\\\n\u0080-\u00ff]+")/y
const [beforeN, beforeType, beforeKey] = ['{"n":', ',"type":"', '","key":"'].map(({ length }) => length) as [number, number, number]

/** What a record tells of: of a call, that it began or how it ended; an event; or anything else, which is nothing here. */
const kinds = ['', 'event', 'call.started', 'call.succeeded', 'call.failed'] as const
const [isEvent, began] = [1, 2] as const
/** What `kindAt` says of the end of a call. */
export const [finished, failed] = [3, 4] as const
/** By the seventh letter of each. */
const callsByLetter = new Map(['t', 'u', 'a'].map((letter, index) => [letter.charCodeAt(0), began + index]))
const letterC = 'c'.charCodeAt(0)
const comma = ','.charCodeAt(0)
const numberSign = '#'.charCodeAt(0)

/** Numbers for a line: where it starts, its path starts and ends, its head ends, it ends. */
const columns = 5
const [pathStartIn, pathEndIn, headEndIn, endIn] = [1, 2, 3, 4] as const
const itemNumber = /\[\d+\]#/y

const next = (number: number, code: number): number => (Math.imul(number, 31) + code) | 0

/** A number that says where in a table a path is looked for. Never 0. */
export function pathNumber(path: string): number {
  let number = 0
  for (let index = 0; index < path.length; index++) number = next(number, path.charCodeAt(index))
  return number || 1
}

/**
 * The heads of a journal's records, in order. Of a line of an event or a call only numbers are kept, in lists that hold nothing else: ten
 * thousand objects that live as long as the resume does are what the garbage collector would be busy with.
 */
export class RecordHeads implements Iterable<RecordHead> {
  /** Those that were parsed: among others all that are neither calls nor events, which tell of the run itself. */
  readonly ofRun: RecordHead[] = []
  readonly #text: JournalText
  #length = 0
  #kinds: Uint8Array
  #places: Int32Array

  /** `bytes`: of the journal whose lines are taken. */
  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#text = journalText(bytes)
    const lines = 16 + (bytes.length >> 8)
    this.#kinds = new Uint8Array(lines)
    this.#places = new Int32Array(lines * columns)
  }

  static of(heads: Iterable<RecordHead>): RecordHeads {
    const made = new RecordHeads()
    for (const head of heads) made.push(head)
    return made
  }

  get length(): number {
    return this.#length
  }

  push(head: RecordHead): void {
    const at = this.#grow(kinds.indexOf(head.type as (typeof kinds)[number]))
    this.#places[at] = -this.ofRun.push(head)
  }

  /** Takes the line from `start` to `end` as the next one, unless it is torn, changed or has another number. */
  take(start: number, end: number): boolean {
    const { bytes, latin1 } = this.#text
    if (!isWhole(bytes, start, end)) return false
    headPattern.lastIndex = start
    if (!headPattern.test(latin1)) {
      const record = parseLine(bytes, start, end)
      if (record?.n !== this.#length + 1) return false
      this.push(headOfRecord(record))
      return true
    }
    const headEnd = headPattern.lastIndex
    let n = 0
    let place = start + beforeN
    for (; bytes[place] !== comma; place++) n = n * 10 + bytes[place]! - 0x30
    if (n !== this.#length + 1) return false
    const typeStart = latin1.indexOf(',', place + 1) + beforeType
    const isCall = bytes[typeStart] === letterC
    const kind = isCall ? callsByLetter.get(bytes[typeStart + 6]!)! : isEvent
    const at = this.#grow(kind)
    this.#places[at] = start
    this.#places[at + pathStartIn] = isCall ? typeStart + kinds[kind]!.length + beforeKey : headEnd
    let pathEnd = headEnd - 1
    if (isCall) while (pathEnd > typeStart && bytes[pathEnd] !== numberSign) pathEnd--
    this.#places[at + pathEndIn] = pathEnd
    this.#places[at + headEndIn] = headEnd
    this.#places[at + endIn] = end
    return true
  }

  /** `finished`, `failed`, or another number. */
  kindAt(index: number): number {
    return this.#kinds[index]!
  }

  at(index: number): RecordHead | undefined {
    if (index >= this.#length) return undefined
    const { start, ...place } = this.#placeOf(index)
    return start < 0 ? this.ofRun[-start - 1]! : new LineHead(this.#text, index + 1, kinds[this.#kinds[index]!]!, { start, ...place })
  }

  /** Whether the record is one of a call at the path. */
  isAt(index: number, path: string): boolean {
    const at = index * columns
    const start = this.#places[at]!
    if (start < 0) return pathOf(this.ofRun[-start - 1]!) === path
    const pathStart = this.#places[at + pathStartIn]!
    return this.#places[at + pathEndIn] === pathStart + path.length && this.#text.latin1.startsWith(path, pathStart)
  }

  /** Whether the call's input has the hash. */
  hasHash(index: number, hash: string): boolean {
    const at = index * columns
    const start = this.#places[at]!
    if (start < 0) return hasHash(this.ofRun[-start - 1]!, hash)
    const hashStart = this.#places[at + pathEndIn]! + 1
    return this.#places[at + headEndIn] === hashStart + hash.length + 1 && this.#text.latin1.startsWith(hash, hashStart)
  }

  /** `pathNumber` of the path of a call; 0 of any other record. */
  pathNumberAt(index: number): number {
    const at = index * columns
    const start = this.#places[at]!
    if (start < 0) {
      const path = pathOf(this.ofRun[-start - 1]!)
      return path === undefined ? 0 : pathNumber(path)
    }
    if (this.#kinds[index] === isEvent) return 0
    const { bytes } = this.#text
    const end = this.#places[at + pathEndIn]!
    let number = 0
    for (let place = this.#places[at + pathStartIn]!; place < end; place++) number = next(number, bytes[place]!)
    return number || 1
  }

  /** As `at(index).rest()`. */
  factsAt(index: number): RecordedFacts {
    const at = index * columns
    const start = this.#places[at]!
    return start < 0 ? this.ofRun[-start - 1]!.rest() : factsOf(this.#text, index + 1, this.#places[at + headEndIn]!, this.#places[at + endIn]!)
  }

  /** Whether the call is that of an item of the step, as those of its neighbours in a journal are. `false` where that is not seen at once. */
  isItemOf(index: number, step: string): boolean {
    const at = index * columns
    const pathStart = this.#places[at + pathStartIn]!
    if (this.#places[at]! < 0 || !this.#text.latin1.startsWith(step, pathStart)) return false
    itemNumber.lastIndex = pathStart + step.length
    return itemNumber.test(this.#text.latin1) && itemNumber.lastIndex === this.#places[at + pathEndIn]! + 1
  }

  *[Symbol.iterator](): Generator<RecordHead> {
    for (let index = 0; index < this.#length; index++) yield this.at(index)!
  }

  /** All but events, parsed. */
  withoutEvents(): JournalRecord[] {
    const records: JournalRecord[] = []
    for (let index = 0; index < this.#length; index++) if (this.#kinds[index] !== isEvent) records.push(this.at(index)!.whole())
    return records
  }

  #placeOf(index: number): LinePlace {
    const at = index * columns
    return { start: this.#places[at]!, keyStart: this.#places[at + pathStartIn]!, headEnd: this.#places[at + headEndIn]!, end: this.#places[at + endIn]! }
  }

  /** Makes room for one more, and says where its numbers go. */
  #grow(kind: number): number {
    const index = this.#length++
    if (index === this.#kinds.length) {
      const [kindsBefore, placesBefore] = [this.#kinds, this.#places]
      this.#kinds = new Uint8Array(index * 2)
      this.#kinds.set(kindsBefore)
      this.#places = new Int32Array(index * 2 * columns)
      this.#places.set(placesBefore)
    }
    this.#kinds[index] = Math.max(kind, 0)
    return index * columns
  }
}
