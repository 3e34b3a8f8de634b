import type { ByteSource } from './file-window.ts'

/** A box of an MP4 or QuickTime file (ISO/IEC 14496-12 section 4.2). */
export interface IsoBox {
  readonly type: string
  /** Where its content begins. */
  readonly start: number
  /** Where it says that it ends, be it behind the end of the file. */
  readonly end: number
}

const boxType = /^[\w \-\u00a9]{4}$/

/** How many boxes may still be looked at: shared by all that look at one file. */
export interface BoxBudget {
  left: number
}

/**
 * Visits the boxes in a range, in order, up to the first that is none (32-bit size, 1 for a 64-bit one, 0 for "to the end"), to the one that
 * `visit` answers `false` to, or until the budget is used up, which is then below 0. Gives where the last one says it ends.
 * No promise a box: a file may have millions.
 */
export async function visitBoxes(source: ByteSource, start: number, end: number, budget: BoxBudget, visit: (box: IsoBox) => unknown): Promise<number> {
  let at = start
  while (at + 8 <= end) {
    const found = source.read(at, 16)
    const head = Buffer.isBuffer(found) ? found : await found
    const short = head.readUInt32BE(0)
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? source.size - at : short
    // No box at all, as where something was put behind the last one: ffprobe will tell.
    const type = head.toString('latin1', 4, 8)
    if (length < 8 || !boxType.test(type) || --budget.left < 0) break
    const visited = visit({ type, start: at + (short === 1 ? 16 : 8), end: at + length })
    at += length
    if ((visited instanceof Promise ? await visited : visited) === false) break
  }
  return at
}
