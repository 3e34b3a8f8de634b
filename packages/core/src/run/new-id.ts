import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

const bytesOfOne = 16
const pool = new Uint8Array(bytesOfOne * 256)
let used = pool.length

/** A UUID v7: sorts by time. Random bytes are drawn for many at once: asking the system for each is what makes them dear. */
export function newId(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  return v7({ random: pool.subarray(used, (used += bytesOfOne)) })
}
