import { expect, test } from 'vitest'
import { z } from 'zod'
import { DefinitionError } from './errors/definition-error.ts'
import { defineRegistry, mergeRegistries } from './registry.ts'
import { defaultRetry, mergeRetry } from './retry-policy.ts'
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

test.each(['constructor', 'toString', 'hasOwnProperty', '42', 'x'.repeat(128)])('a task may be called %s', (name) => {
  const contract = defineTask({ name, ...io })
  const registry = mergeRegistries(defineRegistry({ one }), defineRegistry({ [name]: contract }))
  expect(registry[name]).toBe(contract)
})

test('a task is not called __proto__', () => {
  expect(() => defineTask({ name: '__proto__', ...io })).toThrow(DefinitionError)
})

test.each<[string, object, string]>([
  ['attempts', { retry: { maxAttempts: 0 } }, 'Task t: retry.maxAttempts must be a whole number from 1 up, not 0.'],
  ['attempts without end', { retry: { maxAttempts: Number.POSITIVE_INFINITY } }, 'not Infinity'],
  ['a misspelt policy', { retry: { attempts: 3 } }, 'Task t: retry.attempts is no option.'],
  ['a time of 30 days', { timeoutMs: 2_592_000_000 }, 'Task t: timeoutMs must be a number of milliseconds from 1 to 2,147,483,647'],
  ['no time at all', { timeoutMs: 0 }, 'not 0'],
  ['a queue for nobody', { placement: { queue: { concurrencyLimit: 0 } } }, 'Task t: placement.queue.concurrencyLimit must be a whole number from 1 up'],
  ['a short duration', { placement: { maxDurationSeconds: 4 } }, 'placement.maxDurationSeconds must be a number from 5'],
  ['a key of another kind', { placement: { concurrencyKey: 'tenant' } }, 'Did you mean "tenantId"?'],
  ['a machine that is no text', { placement: { machine: 5 } }, 'placement.machine must be a text'],
  ['a place of its own, and none', { placement: { inline: true, machine: 'micro' } }, 'Task t: placement: a task that is inline runs in the run that asks for it, and cannot have machine of its own'],
  ['a misspelt field', { timeout: 5 }, 'Task t: timeout is no option. Did you mean "timeoutMs"?'],
  ['no schema', { output: undefined }, 'The output schema of t is no schema of zod 4'],
])('%s: refused when it is defined', (_what, options, message) => {
  const define = () => defineTask({ name: 't', ...io, ...options })
  expect(define).toThrow(DefinitionError)
  expect(define).toThrow(message)
})

test('what is undefined is not there', () => {
  expect(defineTask({ name: 't', ...io, ...({ retry: undefined, timeoutMs: undefined, placement: { machine: undefined } } as object) })).toStrictEqual({ name: 't', ...io, placement: {} })
  expect(mergeRetry({ maxAttempts: 5 }, { maxAttempts: undefined }, undefined, { factor: 3 })).toEqual({ ...defaultRetry, maxAttempts: 5, factor: 3 })
})

test.each<[string, unknown]>([['null', null], ['a list', [one]], ['nothing under a name', { one: undefined }], ['null under a name', { one: null }], ['no contract', { one: {} }], ['a contract without schemas', { one: { name: 'one' } }]])('in JavaScript: %s is no registry', (_what, tasks) => {
  expect(() => defineRegistry(tasks as never)).toThrow(DefinitionError)
  expect(() => mergeRegistries(defineRegistry({ one }), tasks as never)).toThrow(DefinitionError)
})

test.each([undefined, null, {}, { name: 5 }])('in JavaScript: %j is no task', (task) => {
  expect(() => defineTask(task as never)).toThrow(DefinitionError)
})
