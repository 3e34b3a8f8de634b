import { pathNumber, type RecordHeads } from './record-heads.ts'

/** Finds the records of a call by its path: a hash table of numbers, for a map of texts would be as many objects as there are calls. */
export class CallsByPath {
  readonly #heads: RecordHeads
  /** By `pathNumber`, cut to the table: the last record with that number, counted from 1. */
  readonly #last: Int32Array
  /** Of each record the one before it with that number. */
  readonly #before: Int32Array

  constructor(heads: RecordHeads) {
    this.#heads = heads
    this.#last = new Int32Array(2 ** Math.ceil(Math.log2(heads.length + 1)))
    this.#before = new Int32Array(heads.length)
    for (let index = 0; index < heads.length; index++) {
      const number = heads.pathNumberAt(index)
      if (number === 0) continue
      const slot = this.#slotOf(number)
      this.#before[index] = this.#last[slot]!
      this.#last[slot] = index + 1
    }
  }

  /** The last record of the call; -1 where there is none. */
  last(path: string): number {
    return this.#from(this.#last[this.#slotOf(pathNumber(path))]! - 1, path)
  }

  /** The record of the call before that one; -1 where there is none. */
  before(index: number, path: string): number {
    return this.#from(this.#before[index]! - 1, path)
  }

  #from(first: number, path: string): number {
    let index = first
    while (index >= 0 && !this.#heads.isAt(index, path)) index = this.#before[index]! - 1
    return index
  }

  #slotOf(number: number): number {
    return (number ^ (number >>> 15)) & (this.#last.length - 1)
  }
}
