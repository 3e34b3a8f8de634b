import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineRegistry, mergeRegistries } from './registry.ts'
import { defineTask } from './task-contract.ts'

const io = { input: z.object({ a: z.string() }), output: z.object({ b: z.number() }) }
const one = defineTask({ name: 'one', ...io })

test('a contract stands under its own name', () => {
  expect(Object.keys(defineRegistry({ one }))).toEqual(['one'])
  // @ts-expect-error the key is not the contract's name
  expect(() => defineRegistry({ two: one })).toThrow('lists one under the name two')
})

test('registries merge; a doubled name is refused, and named', () => {
  const a = defineRegistry({ one })
  const two = defineTask({ name: 'two', ...io })
  expect(Object.keys(mergeRegistries(a, defineRegistry({ two })))).toEqual(['one', 'two'])
  expect(() => mergeRegistries(a, defineRegistry({ one: defineTask({ name: 'one', ...io }) }))).toThrow('Both registries define one')
  expect(mergeRegistries(a, a)).toEqual(a)
})

test.each([
  ['a Date', z.object({ at: z.date() })],
  ['a Map', z.map(z.string(), z.string())],
  ['a bigint', z.object({ n: z.bigint() })],
  ['a class', z.instanceof(URL)],
  ['undefined', z.undefined()],
])('an output that holds %s is refused when it is defined', (_what, output) => {
  expect(() => defineTask({ name: 'bad', input: io.input, output })).toThrow(/output schema of bad holds something JSON cannot/)
})

test.each(['tenantId', 'projectId', 'userId', 'trampData'])('a task cannot have a field %s of its own', (field) => {
  expect(() => defineTask({ name: 'bad', input: z.object({ [field]: z.string() }), output: io.output })).toThrow(`declares ${field}`)
})

test.each(['', ' a', 'a/b', 'a\nb', 'x'.repeat(129)])('%j is no name for a task', (name) => {
  expect(() => defineTask({ name, ...io })).toThrow('name is 1-128')
})
