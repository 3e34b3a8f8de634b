import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

const bytesOfOne = 16
const pool = new Uint8Array(bytesOfOne * 256)
let used = pool.length
let lastMs = 0
let sequence = 0

/** A UUID v7: ids of one process sort in the order they were made. Random bytes are drawn for many at once: asking the system for each is what makes them dear. */
export function newId(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const msecs = Math.max(lastMs, Date.now())
  sequence = msecs === lastMs ? sequence + 1 : 0
  lastMs = msecs
  return v7({ random: pool.subarray(used, (used += bytesOfOne)), msecs, seq: sequence })
}
