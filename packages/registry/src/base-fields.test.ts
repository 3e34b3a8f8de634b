import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSafeId, parseBaseFields, withoutBaseFields } from './base-fields.ts'

test('the base fields are picked out of a payload, and nothing else', () => {
  const trampData = { a: 1 }
  expect(parseBaseFields('T', { tenantId: 't', projectId: 'p', trampData, other: 1 })).toEqual({ tenantId: 't', projectId: 'p', trampData })
})

test('everything that is wrong is told at once', () => {
  expect(() => parseBaseFields('T', { tenantId: 'a/b', userId: '', trampData: [] })).toThrow(/tenantId: .*projectId: required.*userId: .*trampData: expected an object/)
})

test('no safe id can leave its folder or break a line', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
    if (isSafeId(text)) expect(text).not.toMatch(/[/\\\p{Cc}]|\.\.|^\.$|^\s|\s$|^$/u)
  }))
})

test('a value without base fields is given back as it is', () => {
  const value = { a: 1 }
  expect(withoutBaseFields(value)).toBe(value)
  expect(withoutBaseFields({ a: 1, tenantId: 't', trampData: {} })).toEqual({ a: 1 })
  expect(withoutBaseFields('text')).toBe('text')
})

test('lists, what lies deeper, and what an object inherits are kept', () => {
  for (const value of [[{ tenantId: 't' }], { deep: { userId: 'u' } }, Object.create({ tenantId: 't' })]) expect(withoutBaseFields(value)).toBe(value)
  expect(JSON.stringify(withoutBaseFields(JSON.parse('{"__proto__":1,"constructor":2,"userId":"u"}')))).toBe('{"__proto__":1,"constructor":2}')
})

test('trampData is a copy, and JSON', () => {
  const trampData = { list: [1], gone: undefined }
  const { trampData: own } = parseBaseFields('T', { tenantId: 't', projectId: 'p', trampData })
  expect(own).toStrictEqual({ list: [1] })
  expect(own!.list).not.toBe(trampData.list)
  expect(() => parseBaseFields('T', { tenantId: 't', projectId: 'p', trampData: { at: new Date(0), n: 1n } })).toThrow(/trampData.at: an object of class Date.*trampData.n: a bigint/)
})

test.each(['a\u202Eb', 'a\u2028b', 'a\uD800', '..', ' a', '', 'x'.repeat(129), 5, null])('%j is no safe id', (id) => {
  expect(isSafeId(id)).toBe(false)
})

test.each(['constructor', 'toString', '__proto__', '42', 'Ünïcödé', '租户', 'a b', 'x'.repeat(128)])('%j is a safe id', (id) => {
  expect(isSafeId(id)).toBe(true)
  expect(parseBaseFields('T', { tenantId: id, projectId: id }).tenantId).toBe(id)
})
