import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CallsByPath } from './calls-by-path.ts'
import { readHeads } from './read-records.ts'
import { RecordLines } from './record-lines.ts'

/** `Aa` and `BB` have one number, with anything before and behind. */
const paths = fc.oneof(fc.constantFrom('T/Aa', 'T/BB', 'T/AaAa', 'T/AaBB', 'T/BBBB', 'T/a#b', 'T/a', 'Träck/ständ', 'a"b'), fc.nat(40).map((item) => `T/step[${item}]`))
const types = fc.constantFrom('call.started', 'call.succeeded', 'call.failed', 'event', 'run.resumed')

test('the records of a call are found by its path, the last first, and no others', () => {
  fc.assert(fc.property(fc.array(fc.tuple(types, paths)), (values) => {
    const lines = new RecordLines()
    values.forEach(([type, path], index) => lines.add({ n: index + 1, at: index, type, ...(type.startsWith('call.') ? { key: `${path}#${'0'.repeat(64)}`, path } : { path }) }))
    const calls = new CallsByPath(readHeads(lines.take(), 'j').heads)
    for (const path of new Set(['T', ...values.map(([, said]) => said)])) {
      const found: number[] = []
      for (let index = calls.last(path); index >= 0; index = calls.before(index, path)) found.push(index)
      expect(found).toEqual(values.flatMap(([type, said], index) => (type.startsWith('call.') && said === path ? [index] : [])).toReversed())
    }
  }))
})
