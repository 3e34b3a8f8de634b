import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readHeads, readRecords } from './read-records.ts'
import { RecordLines } from './record-lines.ts'
import { decodeRecord, type JournalRecord } from './record.ts'

const bodies = fc.array(fc.record({ type: fc.string({ minLength: 1 }), value: fc.jsonValue() }), { maxLength: 12 })
const hash = 'c0de'.repeat(16)
const written = (values: readonly object[]) => values.map((body, index) => ({ n: index + 1, at: index, type: 'x', ...body }))
const bytesOf = (records: readonly JournalRecord[]) => {
  const lines = new RecordLines()
  for (const record of records) lines.add(record)
  return lines.take()
}
const lineOf = (record: JournalRecord) => bytesOf([record]).toString()

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
  const lines = written([{}, {}, {}, {}]).map((record) => lineOf(record))
  for (const wrong of [[0, 2, 3], [0, 1, 1, 2], [1, 2, 3]]) expect(() => readRecords(Buffer.from(wrong.map((index) => lines[index]).join('')), 'j')).toThrow(/does not fit its checksum or its number/)
})

test('a flipped bit anywhere in a record is noticed', () => {
  const line = lineOf({ n: 1, at: 1, type: 'step.succeeded', output: { text: 'schön' } }).trimEnd()
  const bytes = Buffer.from(line)
  for (let place = 0; place < bytes.length * 8; place++) {
    const flipped = Buffer.from(bytes)
    flipped[place >> 3]! ^= 1 << (place & 7)
    expect(decodeRecord(flipped, 0, flipped.length)).toBeUndefined()
  }
})

test('heads say of each record what it is, and give the whole of it anew each time', () => {
  const asWritten = fc.record({ type: fc.constantFrom('call.started', 'call.succeeded', 'event', 'run.resumed', 'call.odd"', 'events'), value: fc.jsonValue() })
  const paths = fc.oneof(fc.string(), fc.constantFrom('Track/step[3]', 'Träck/ständ', 'a"b\\c', `a#${hash}`, `#${hash.slice(1)}"`, 'x'.repeat(600))).map((path) => ({ key: `${path}#${hash}`, path }))
  fc.assert(fc.property(fc.array(fc.tuple(asWritten, fc.option(paths, { nil: {} })), { maxLength: 12 }), (values) => {
    const records = written(values.map(([{ type, value }, call]) => ({ type, ...(type.startsWith('call.') && call), value })))
    const bytes = bytesOf(records)
    const { heads: found, endBytes } = readHeads(bytes, 'j')
    const heads = [...found]
    expect(endBytes).toBe(bytes.length)
    expect(heads.map(({ n, at, type, key }) => ({ n, at, type, key }))).toEqual(records.map(({ n, at, type, ...rest }) => ({ n, at, type, key: (rest as { key?: string }).key })))
    expect(heads.map((head) => head.whole())).toEqual(JSON.parse(JSON.stringify(records)))
    for (const head of heads) expect(head.whole()).not.toBe(head.whole())
    for (const head of heads.filter(({ key }) => key !== undefined)) {
      const { path, value, ...more } = head.whole()
      expect({ path, ...more, ...head.rest() }).toEqual({ ...more, path, value })
    }
  }))
})

test('what a finished call came to is read whatever stands beside its output', () => {
  const output = { text: 'schön', output: 1 }
  const facts = [{ attempt: 2, metadata: {}, output }, { attempt: 1, metadata: { output: 3 }, output }, { attempt: 1, metadata: {}, output, of: 'r1' }, { attempt: 1, metadata: {}, costs: { chars: { amount: 1 } }, output: null }, { attempt: 1, metadata: {}, output: 'x', version: '2' }, { attempt: 3, metadata: {}, task: 'translate', output }, { attempt: 1, metadata: {}, task: 'a"b', output }, { attempt: 1, metadata: {}, task: 'schön', output, of: 'r1' }]
  const { heads } = readHeads(bytesOf(written(facts.map((each) => ({ type: 'call.succeeded', key: `T/a#${hash}`, path: 'T/a', ...each })))), 'j')
  facts.forEach((each, index) => expect(heads.factsAt(index)).toMatchObject(each))
})

test('heads of a journal that was changed are refused, be it in a value that nobody asked for', () => {
  const bytes = bytesOf(written([{ type: 'call.started', key: `a#${hash}`, path: 'a' }, { type: 'event', event: { text: 'schön' } }, { type: 'call.failed', key: `a#${hash}` }]))
  const changed = Buffer.from(bytes.toString().replace('schön', 'schon'))
  expect(() => readHeads(changed, 'j')).toThrow(/^Line 2 of j /)
})

test('a line that fits its checksum and is no JSON is refused as damaged when it is read', () => {
  const body = `{"n":1,"at":1,"type":"call.started","key":"a#${hash}","path":`
  const line = `${body},"crc":"${crc32(body).toString(16).padStart(8, '0')}"}\n`
  const [head] = readHeads(Buffer.from(line), 'j').heads
  for (const read of ['whole', 'rest'] as const) expect(() => head![read]()).toThrow(expect.objectContaining({ code: 'journal/damaged' }))
})
