import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DefinitionError } from '../errors/definition-error.ts'
import { aFunction, anything, checkOptions, durationMs, either, flag, listOf, madeBy, number, objectWith, oneOf, recordOf, required, retryPolicy, shape, signal, text, wholeNumber, type Rule } from './index.ts'

const check = (rule: Rule, value: unknown) => (checkOptions('createX', { option: value }, { option: rule }) as { option?: unknown }).option

test('right options come back, without those that are undefined: that means the default', () => {
  const handler = () => 1
  const options = { concurrency: 2, graceMs: undefined, handler, retry: { maxAttempts: 2, factor: undefined } }
  const checked = checkOptions('createX', options, { concurrency: wholeNumber({ from: 1 }), graceMs: durationMs(), handler: aFunction, retry: retryPolicy })
  expect(checked).toStrictEqual({ concurrency: 2, handler, retry: { maxAttempts: 2 } })
  expect(checkOptions('createX', undefined as { a?: number } | undefined, { a: number() })).toStrictEqual({})
})

test.each([
  [wholeNumber({ from: 1 }), 0, 'createX: option must be a whole number from 1 up, not 0.'],
  [wholeNumber({ from: 1, to: 64 }), 65, 'a whole number from 1 to 64, not 65.'],
  [wholeNumber(), 1.5, 'a whole number, not 1.5.'],
  [wholeNumber({ from: 1 }), Number.NaN, 'not NaN.'],
  [wholeNumber({ from: 1 }), Number.POSITIVE_INFINITY, 'not Infinity.'],
  [wholeNumber({ from: 1 }), '3', 'not "3".'],
  [wholeNumber({ from: 1 }), 3n, 'not a bigint.'],
  [wholeNumber({ to: 5 }), null, 'a whole number of at most 5, not null.'],
  [number({ from: 0, to: 1 }), -0.1, 'a number from 0 to 1, not -0.1.'],
  [number(), Number.NaN, 'a number, not NaN.'],
  [durationMs(), -1, 'a number of milliseconds from 0 to 2,147,483,647, not -1.'],
  [durationMs({ from: 1 }), 0, 'from 1 to 2,147,483,647, not 0.'],
  [durationMs(), 30 * 86_400_000, 'not 2592000000. Timers of more than 2,147,483,647 ms (24.8 days) do not exist.'],
  [durationMs(), Number.POSITIVE_INFINITY, 'not Infinity. Timers of more than'],
  [durationMs(), '1s', 'not "1s".'],
  [oneOf('halt', 'continue'), 'Halt', 'createX: option must be "halt" or "continue", not "Halt". Did you mean "halt"?'],
  [oneOf('a'), {}, 'must be "a", not an object.'],
  [text(), '', 'a text, not "".'],
  [text({ maxLength: 3 }), 'abcd', 'a text of 1 to 3 characters, not "abcd".'],
  [text({ pattern: /^\w+$/, what: 'letters' }), 'a b', 'letters, not "a b".'],
  [text({ pattern: /^x/, what: 'a key', secret: true }), 'my-password', 'a key, not a text of 11 characters.'],
  [text({ pattern: /^x/ }), 'y'.repeat(1_000), `${'y'.repeat(60)}…".`],
  [flag, 'yes', 'true or false, not "yes".'],
  [aFunction, {}, 'a function, not an object.'],
  [signal, {}, 'an AbortSignal, not an object.'],
  [objectWith('put', 'get'), { put() {} }, 'an object with put(), get(), not an object.'],
  [madeBy('createStore()', 'put', 'get'), 'store', 'an object with put(), get(), as createStore() gives, not "store".'],
  [listOf(number()), 'abc', 'a list, not "abc".'],
  [listOf(number()), [1, 'x'], 'createX: option[1] must be a number, not "x".'],
  [recordOf(wholeNumber({ from: 1 })), { a: 1, b: 0 }, 'createX: option.b must be'],
  [recordOf(flag), [], 'an object, not a list.'],
  [shape({ name: required(text()) }), {}, 'createX: option.name is required: give a text.'],
  [shape({ limit: wholeNumber() }), { limt: 1 }, 'createX: option.limt is no option. Did you mean "limit"?'],
  [retryPolicy, 3, 'a retry policy, as { maxAttempts: 3 }, not 3.'],
  [retryPolicy, { maxAttempts: Number.NaN }, 'createX: option.maxAttempts must be a whole number from 1 up, not NaN.'],
  [retryPolicy, { factor: 0.5 }, 'option.factor must be a number from 1 up, not 0.5.'],
  [retryPolicy, { maxRetries: 3 }, 'option.maxRetries is no option.'],
  [retryPolicy, { minDelayMs: 2, maxDelayMs: 1 }, 'option.minDelayMs (2) is more than its maxDelayMs (1).'],
  [either(flag, shape({ size: number() })), { size: 'x' }, 'option.size must be a number'],
  [either(flag, shape({ size: number() })), 1, 'true or false, or an object of options, not 1.'],
])('%o refuses %o: %s', (rule, value, message) => {
  expect(() => check(rule, value)).toThrow(DefinitionError)
  expect(() => check(rule, value)).toThrow(message)
})

test.each([
  [wholeNumber({ from: 0 }), 0],
  [durationMs(), 2_147_483_647],
  [durationMs(), 0.5],
  [number(), -3.5],
  [oneOf(1, 2), 2],
  [text({ minLength: 0 }), ''],
  [signal, AbortSignal.abort()],
  [objectWith('put'), new (class { put() {} })()],
  [either(wholeNumber(), aFunction), 5],
  [anything, null],
])('%o takes %o as it is', (rule, value) => {
  expect(check(rule, value)).toBe(value)
})

test('an unknown option is refused with the nearest name, unless it is undefined', () => {
  const rules = { concurrency: wholeNumber({ from: 1 }), graceMs: durationMs() }
  const give = (options: object) => checkOptions<{ concurrency?: number; graceMs?: number }>('createRunner', options, rules)
  expect(() => give({ concurency: 2 })).toThrow('createRunner: concurency is no option. Did you mean "concurrency"?')
  expect(() => give({ x: 2 })).toThrow('There are: concurrency, graceMs.')
  expect(() => give({ constructor: 1 })).toThrow('createRunner: constructor is no option.')
  expect(() => give(JSON.parse('{ "__proto__": { "concurrency": 0 } }') as object)).toThrow('__proto__ is no option')
  expect(give({ x: undefined })).toEqual({})
})

test('what is no object of options is refused, and so is one that lacks what is required', () => {
  for (const options of [null, 5, 'text', [], () => {}]) expect(() => checkOptions<object>('createX', options as object, {})).toThrow('createX must be an object of options, not')
  expect(() => checkOptions<{ registry?: object }>('createX', {}, { registry: required(objectWith()) })).toThrow('createX: registry is required: give an object.')
})

test('options of a class are read through its getters', () => {
  class Options {
    get concurrency() {
      return 0
    }
  }
  expect(() => checkOptions<{ concurrency?: number }>('createX', new Options(), { concurrency: wholeNumber({ from: 1 }) })).toThrow('not 0')
})

test('whatever is given, it is taken as it is or refused with a DefinitionError', () => {
  const rules = [wholeNumber({ from: 1 }), number(), durationMs(), oneOf('a', 1), text(), flag, signal, listOf(flag), recordOf(flag), retryPolicy, either(flag, listOf(text()))]
  fc.assert(fc.property(fc.constantFrom(...rules), fc.anything(), (rule, value) => {
    try {
      const checked = check(rule, value)
      if (typeof value !== 'object') expect(checked).toBe(value)
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(DefinitionError)
    }
  }))
})
