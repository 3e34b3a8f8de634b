import { expect, test } from 'vitest'
import { callKey, inputHash } from './call-key.ts'

const call = { walkId: 'w', base: { tenantId: 't', projectId: 'p' }, path: 'Flow/Track/task[3]', input: { a: 1, b: [2, { c: 3 }] } }

test('a key names the walk, whose it is, and the place, and ends in a hash of the input', () => {
  expect(callKey(call)).toMatch(/^w\/t\/p\/Flow\/Track\/task\[3\]#[\da-f]{64}$/)
})

test.each([{ walkId: 'v' }, { base: { tenantId: 'u', projectId: 'p' } }, { path: 'Flow/Track/task[4]' }, { input: { a: 1, b: [{ c: 3 }, 2] } }, { contract: { version: '2' } }])('%j makes it another key', (change) => {
  expect(callKey({ ...call, ...change })).not.toBe(callKey(call))
})

test('the order in which keys were written does not matter, that of lists does', () => {
  expect(inputHash({ b: 2, a: { d: 4, c: 3 } })).toBe(inputHash({ a: { c: 3, d: 4 }, b: 2 }))
  expect(inputHash([1, 2])).not.toBe(inputHash([2, 1]))
})
