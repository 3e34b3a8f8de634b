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
