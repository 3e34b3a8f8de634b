import fc from 'fast-check'
import { configure } from 'safe-stable-stringify'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'

test('canonical JSON means what JSON means', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
  }))
})

test('it does not depend on the order in which keys were written, but on that of lists', () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
    expect(canonicalJson(Object.fromEntries(Object.entries(value).toReversed()))).toBe(canonicalJson(value))
  }))
  expect(canonicalJson({ b: [2, 1], a: { d: 1, c: undefined } })).toBe('{"a":{"d":1},"b":[2,1]}')
})

test('a value whose keys are in order already is the same text as one whose keys are not', () => {
  const asSorted = configure({ strict: true })
  const values = fc.anything({ key: fc.oneof(fc.string(), fc.constantFrom('10', '9', '__proto__', 'toJSON')), values: [fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constantFrom(undefined, null)], withNullPrototype: true, withDate: true, withSparseArray: true })
  fc.assert(fc.property(values, (value) => {
    const expected = asSorted(value) ?? 'undefined'
    expect(canonicalJson(value)).toBe(expected)
    if (expected !== 'undefined') expect(canonicalJson(JSON.parse(expected))).toBe(expected)
  }))
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, Symbol('s')])('%s has no key, wherever it stands', (value) => {
  for (const holder of [value, [value], { a: value }]) expect(() => canonicalJson(holder)).toThrow(TypeError)
})

test('a circle has no key; undefined alone has one of its own', () => {
  const circle: unknown[] = []
  circle.push(circle)
  expect(() => canonicalJson(circle)).toThrow('A value that is no JSON has no key')
  expect(canonicalJson(undefined)).toBe('undefined')
})
