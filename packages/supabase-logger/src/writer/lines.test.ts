import { appendFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventRow } from '../testing/event-rows.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { readLines, toLine } from './lines.ts'
import { Segment } from './segment.ts'

const everything = { rows: 1_000_000, bytes: 1_000_000 }
const row = fc.record({ sequence: fc.nat(), message: fc.string({ unit: 'binary', maxLength: 60 }) }).map(({ sequence, message }) => eventRow(sequence, { message }))
const rows = fc.array(row, { maxLength: 30 })
const fileOf = (lines: readonly string[]) => Buffer.concat(lines.map((line) => Buffer.from(line)))

test('what was written is read, row for row and byte for byte', () => {
  fc.assert(
    fc.property(rows, (written) => {
      const file = fileOf(written.map(toLine))
      const entries = readLines(file, everything)
      expect(entries.map((entry) => entry.row)).toEqual(written)
      expect(entries.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(file.length)
    }),
  )
})

test('wherever a file is torn, all rows before the tear are read, and nothing of the torn one', () => {
  fc.assert(
    fc.property(rows, fc.nat(), (written, at) => {
      const lines = written.map(toLine)
      const file = fileOf(lines)
      const torn = file.subarray(0, at % (file.length + 1))
      let whole = 0
      for (let end = 0; whole < lines.length && (end += Buffer.byteLength(lines[whole]!)) <= torn.length; ) whole++
      expect(readLines(torn, everything).map((entry) => entry.row)).toEqual(written.slice(0, whole))
    }),
  )
})

test('a line that is overwritten, by zeros as after a power cut or by anything, costs that line only', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.nat(), fc.constantFrom(0, 0x20, 0x7b, 0xff), (written, which, byte) => {
      const lines = written.map((one) => Buffer.from(toLine(one)))
      const index = which % lines.length
      lines[index]!.fill(byte, 0, lines[index]!.length - 1)
      const read = readLines(Buffer.concat(lines), everything).map((entry) => entry.row)
      expect(read).toEqual(written.map((one, place) => (place === index ? undefined : one)))
    }),
  )
})

test('portions, put together, are the whole, whatever their size', async () => {
  const path = join(temporaryFolder(), 'segment.jsonl')
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2_000 }), async (written, rowsAtOnce, bytes) => {
      writeFileSync(path, fileOf(written.map(toLine)))
      appendFileSync(path, '{"torn":')
      const segment = Segment.found(path)
      try {
        const read: unknown[] = []
        for (let from = 0; ; ) {
          const entries = await segment.read(from, { rows: rowsAtOnce, bytes })
          if (entries.length === 0) break
          expect(entries.length).toBeLessThanOrEqual(rowsAtOnce)
          read.push(...entries.map((entry) => entry.row))
          from += entries.reduce((sum, entry) => sum + entry.bytes, 0)
        }
        expect(read).toEqual(written)
      } finally {
        segment.close()
        truncateSync(path, 0)
      }
    }),
  )
})
