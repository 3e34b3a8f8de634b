import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seal, unseal } from './sealed.ts'

const keys = fc.oneof(fc.string(), fc.constantFrom('constructor', 'prototype', '__proto__', 'toString'))
const values = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, fc.string(), fc.integer(), fc.constant(null), fc.constant('"constructor":'), fc.array(tie('value')), fc.dictionary(keys, tie('value'))),
})).value

/** As Trigger.dev's SDK looks for them. */
function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]) : []
}

test('a value is sealed where one of its keys, at whatever depth, cannot be sent; what is unsealed is what it was', () => {
  fc.assert(fc.property(fc.dictionary(keys.filter((key) => key !== 'json'), values), (value) => {
    const sent = seal(value)
    expect(sent !== value).toBe(keysOf(value).some((key) => ['constructor', 'prototype', '__proto__'].includes(key)))
    expect(keysOf(sent).filter((key) => ['constructor', 'prototype', '__proto__'].includes(key))).toEqual([])
    expect(unseal(sent as object)).toEqual(JSON.parse(JSON.stringify(value)))
  }))
})
