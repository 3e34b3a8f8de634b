import { digitsEnd, factsOf, journalText, LineHead, numberIn, standsAt, type JournalText, type LinePlace } from './line-head.ts'
import { hasHash, headOfRecord, isWhole, parseLine, pathOf, type JournalRecord, type RecordedFacts, type RecordHead } from './record.ts'

/** What a record tells of: of a call, that it began or how it ended; an event; or anything else, which is nothing here. */
const kinds = ['', 'event', 'call.started', 'call.succeeded', 'call.failed'] as const
const [isEvent, began] = [1, 2] as const
/** What `kindAt` says of the end of a call. */
export const [finished, failed] = [3, 4] as const

/** How the line of an event or a call begins, as `RecordLines` writes it. What is written otherwise is left to the parser. */
const [beforeN, beforeAt, beforeType] = ['{"n":', ',"at":', ',"type":"'] as const
/** By kind. */
const behindType = kinds.map((kind, index) => (index === isEvent ? `${kind}"` : `${kind}","key":"`))
const callsByLetter = new Map(['t', 'u', 'a'].map((letter, index) => [letter.charCodeAt(0), began + index]))
const letterPlace = 'call.s'.length
const [quote, numberSign, openBracket, closeBracket, backslash, behindAscii] = [0x22, 0x23, 0x5b, 0x5d, 0x5c, 0x80] as const
/** Hexadecimal digits behind the number sign of a key. */
const hashLength = 64

/** Numbers for a line: where it starts, its path starts and ends, its head ends, it ends; and the number of its path. */
const columns = 6
const [pathStartIn, pathEndIn, headEndIn, endIn, pathNumberIn] = [1, 2, 3, 4, 5] as const

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
    const path = pathOf(head)
    this.#places[at] = -this.ofRun.push(head)
    this.#places[at + pathNumberIn] = path === undefined ? 0 : pathNumber(path)
  }

  /** Takes the line from `start` to `end` as the next one, unless it is torn, changed or has another number. */
  take(start: number, end: number): boolean {
    const { bytes } = this.#text
    if (!isWhole(bytes, start, end)) return false
    const nEnd = digitsEnd(bytes, start + beforeN.length)
    const typeStart = digitsEnd(bytes, nEnd + beforeAt.length) + beforeType.length
    const kind = kindFrom(bytes, typeStart)
    const isPlain = kind > 0 && standsAt(bytes, start, beforeN) && standsAt(bytes, nEnd, beforeAt) && standsAt(bytes, typeStart - beforeType.length, beforeType)
    if (isPlain && numberIn(bytes, start + beforeN.length, nEnd) !== this.#length + 1) return false
    return (isPlain && this.#takePlain(kind, start, typeStart + behindType[kind]!.length, end)) || this.#takeParsed(start, end)
  }

  /** `keyStart`: behind all that stands in front of the key, or of what there is of an event. */
  #takePlain(kind: number, start: number, keyStart: number, end: number): boolean {
    const { bytes } = this.#text
    let pathEnd = keyStart
    let number = 0
    if (kind !== isEvent) {
      for (; bytes[pathEnd] !== numberSign || bytes[pathEnd + hashLength + 1] !== quote || bytes[pathEnd + hashLength] === backslash; pathEnd++) {
        const byte = bytes[pathEnd]!
        if (byte === quote || byte === backslash || byte >= behindAscii || pathEnd >= end) return false
        number = next(number, byte)
      }
      number ||= 1
    }
    const at = this.#grow(kind)
    this.#places[at] = start
    this.#places[at + pathStartIn] = keyStart
    this.#places[at + pathEndIn] = pathEnd
    this.#places[at + headEndIn] = kind === isEvent ? keyStart : pathEnd + hashLength + 2
    this.#places[at + endIn] = end
    this.#places[at + pathNumberIn] = number
    return true
  }

  #takeParsed(start: number, end: number): boolean {
    const record = parseLine(this.#text.bytes, start, end)
    if (record?.n !== this.#length + 1) return false
    this.push(headOfRecord(record))
    return true
  }

  /** Whether the text, of ASCII alone, may stand in one of the records. */
  mayHold(text: string): boolean {
    return this.ofRun.length === this.#length || this.#text.bytes.includes(text, 0, 'latin1')
  }

  /** `finished`, `failed`, or another number. */
  kindAt(index: number): number {
    return this.#kinds[index]!
  }

  at(index: number): RecordHead | undefined {
    if (index >= this.#length) return undefined
    const place = this.#placeOf(index)
    return place.start < 0 ? this.ofRun[-place.start - 1]! : new LineHead(this.#text, index + 1, kinds[this.#kinds[index]!]!, place)
  }

  /** Whether the record is one of a call at the path. */
  isAt(index: number, path: string): boolean {
    const at = index * columns
    const start = this.#places[at]!
    if (start < 0) return pathOf(this.ofRun[-start - 1]!) === path
    const pathStart = this.#places[at + pathStartIn]!
    return this.#places[at + pathEndIn] === pathStart + path.length && standsAt(this.#text.bytes, pathStart, path)
  }

  /** Whether the call's input has the hash. */
  hasHash(index: number, hash: string): boolean {
    const at = index * columns
    const start = this.#places[at]!
    if (start < 0) return hasHash(this.ofRun[-start - 1]!, hash)
    const hashStart = this.#places[at + pathEndIn]! + 1
    return this.#places[at + headEndIn] === hashStart + hash.length + 1 && standsAt(this.#text.bytes, hashStart, hash)
  }

  /** `pathNumber` of the path of a call; 0 of any other record. */
  pathNumberAt(index: number): number {
    return this.#places[index * columns + pathNumberIn]!
  }

  /** As `at(index).rest()`. */
  factsAt(index: number): RecordedFacts {
    const place = this.#placeOf(index)
    return place.start < 0 ? this.ofRun[-place.start - 1]!.rest() : factsOf(this.#text, index + 1, place)
  }

  /** Whether the call is that of an item of the step, as those of its neighbours in a journal are. `false` where that is not seen at once. */
  isItemOf(index: number, step: string): boolean {
    const at = index * columns
    const pathStart = this.#places[at + pathStartIn]!
    const { bytes } = this.#text
    if (this.#places[at]! < 0 || !standsAt(bytes, pathStart, step)) return false
    const bracket = pathStart + step.length
    const end = digitsEnd(bytes, bracket + 1)
    return bytes[bracket] === openBracket && end > bracket + 1 && bytes[end] === closeBracket && end + 1 === this.#places[at + pathEndIn]
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
    return { start: this.#places[at]!, keyStart: this.#places[at + pathStartIn]!, pathEnd: this.#places[at + pathEndIn]!, headEnd: this.#places[at + headEndIn]!, end: this.#places[at + endIn]! }
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

/** The kind of a line whose type begins there; 0 where it is another. */
function kindFrom(bytes: Buffer, typeStart: number): number {
  const kind = callsByLetter.get(bytes[typeStart + letterPlace]!) ?? isEvent
  return standsAt(bytes, typeStart, behindType[kind]!) ? kind : 0
}
