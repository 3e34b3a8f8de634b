import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRecords } from './read-records.ts'
import { decodeRecord, encodeRecord } from './record.ts'

const bodies = fc.array(fc.record({ type: fc.string({ minLength: 1 }), value: fc.jsonValue() }), { maxLength: 12 })
const written = (values: readonly object[]) => values.map((body, index) => ({ n: index + 1, at: index, type: 'x', ...body }))
const bytesOf = (records: readonly ReturnType<typeof written>[number][]) => Buffer.from(records.map((record) => encodeRecord(record)).join(''))

test('what was written is read', () => {
  fc.assert(fc.property(bodies, (values) => {
    const records = written(values)
    const bytes = bytesOf(records)
    expect(readRecords(bytes, 'j')).toEqual({ records: JSON.parse(JSON.stringify(records)) as unknown, endBytes: bytes.length })
  }))
})

test('cut off anywhere, a journal is read up to its last whole record', () => {
  fc.assert(fc.property(bodies, fc.nat(), (values, cut) => {
    const records = written(values)
    const bytes = bytesOf(records)
    const part = bytes.subarray(0, cut % (bytes.length + 1))
    const { records: read, endBytes } = readRecords(part, 'j')
    expect(read).toEqual(JSON.parse(JSON.stringify(records.slice(0, read.length))))
    expect(part.subarray(endBytes).includes('\n')).toBe(false)
  }))
})

test('one changed byte in front of whole records is refused, naming the line and what is readable', () => {
  const bytes = bytesOf(written([{ value: 'first' }, { value: 'second' }, { value: 'third' }]))
  const second = bytes.indexOf('second')
  bytes[second] = bytes[second]! ^ 1
  expect(() => readRecords(bytes, 'runs/r/journal.jsonl')).toThrow(expect.objectContaining({ code: 'journal/damaged', message: expect.stringMatching(/^Line 2 of runs\/r\/journal\.jsonl .* first 1 lines are readable/) as string }))
})

test('a missing or doubled line in the midst is refused', () => {
  const lines = written([{}, {}, {}, {}]).map((record) => encodeRecord(record))
  for (const wrong of [[0, 2, 3], [0, 1, 1, 2], [1, 2, 3]]) expect(() => readRecords(Buffer.from(wrong.map((index) => lines[index]).join('')), 'j')).toThrow(/does not fit its checksum or its number/)
})

test('a flipped bit anywhere in a record is noticed', () => {
  const line = encodeRecord({ n: 1, at: 1, type: 'step.succeeded', output: { text: 'schön' } }).trimEnd()
  const bytes = Buffer.from(line)
  for (let place = 0; place < bytes.length * 8; place++) {
    const flipped = Buffer.from(bytes)
    flipped[place >> 3]! ^= 1 << (place & 7)
    expect(decodeRecord(flipped)).toBeUndefined()
  }
})

test('without events, these are checked and counted, and the rest is read as ever', () => {
  const records = written([{ type: 'call.started', path: 'a' }, { type: 'event', event: { text: 'schön', type: 'event' } }, { type: 'events', event: 1 }])
  const bytes = bytesOf(records)
  expect(readRecords(bytes, 'j', { withEvents: false })).toEqual({ records: [records[0], { n: 2, at: 1, type: 'event' }, records[2]], endBytes: bytes.length })
  const changed = Buffer.from(bytes.toString().replace('schön', 'schon'))
  expect(() => readRecords(changed, 'j', { withEvents: false })).toThrow(/^Line 2 of j /)
})
