import { appendFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventRow } from '../testing/event-rows.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { longestLine, readLines, Segment, toLine } from './segment.ts'

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
      const segment = Segment.found(path)!
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

test('what is no event is an entry without a row, and shows its beginning', () => {
  const lines = ['{"a":1}', 'null', '[1]', '"text"', '{"id":"5"}', '\0\0\0', '{"id":']
  const entries = readLines(fileOf(lines.map((line) => `${line}\n`)), everything)
  expect(entries.map((entry) => [entry.row, entry.sample])).toEqual(lines.map((line) => [undefined, line]))
})

test('a line longer than any of ours is read in pieces, none of which is a row, and the next line is found', async () => {
  const path = join(temporaryFolder(), 'huge.jsonl')
  writeFileSync(path, `${toLine(eventRow(1))}${'x'.repeat(longestLine * 2 + 7)}\n${toLine(eventRow(2))}`)
  const segment = Segment.found(path)!
  const entries = []
  for (let from = 0; from < segment.size; ) {
    const read = await segment.read(from, { rows: 10, bytes: 1_000 })
    entries.push(...read)
    from += read.reduce((sum, { bytes }) => sum + bytes, 0)
  }
  segment.close()
  expect(entries.map((entry) => entry.row?.sequence ?? entry.sample?.length)).toEqual([1, 1_000, 1_000, 7, 2])
})

test('a folder or a link is no segment', () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'folder.jsonl'))
  writeFileSync(join(folder, 'file'), 'text')
  symlinkSync(join(folder, 'file'), join(folder, 'link.jsonl'))
  expect(['folder.jsonl', 'link.jsonl', 'none.jsonl'].map((name) => Segment.found(join(folder, name)))).toEqual([undefined, undefined, undefined])
})
