import { randomFillSync } from 'node:crypto'

/** As many ids as can be told apart within a millisecond: then the next one is begun early. */
const mostPerMs = 2 ** 14
const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
/** Twelve hexadecimal digits for each of many ids: asking the system for each is what makes them dear. */
const pool = Buffer.alloc(6 * 256)
let random = ''
let used = 0
let lastMs = 0
let count = mostPerMs
/** What the ids of one millisecond begin with. */
let start = ''

/**
 * A UUID v7 (RFC 9562): ids of one process sort in the order they were made, whatever its clock does. Each is the time, 12 random bits that
 * are drawn once a millisecond, a counter, and 48 random bits. Made here and not by `uuid`, which takes twice as long: every event has one.
 */
export function newId(): string {
  const now = Date.now()
  if (now > lastMs || count === mostPerMs) begin(Math.max(now, lastMs + 1))
  const place = count++
  return `${start}-${hexDigits[0x80 | (place >> 8)]}${hexDigits[place & 0xff]}-${drawn()}`
}

function begin(ms: number): void {
  lastMs = ms
  count = 0
  const time = ms.toString(16).padStart(12, '0')
  start = `${time.slice(0, 8)}-${time.slice(8)}-7${drawn().slice(0, 3)}`
}

function drawn(): string {
  if (used === random.length) {
    random = randomFillSync(pool).toString('hex')
    used = 0
  }
  return random.slice(used, (used += 12))
}
