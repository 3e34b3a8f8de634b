import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { CancelledError, RetryableError, TerminalError, TimedOutError } from './ending-errors.ts'
import { ContractError } from './contract-error.ts'
import { DefinitionError } from './definition-error.ts'
import { errorAt } from './error-at.ts'
import { errorFromJson } from './error-from-json.ts'
import { errorToJson, toTracksError } from './error-json.ts'
import type { ErrorJson } from './json-of-error.ts'
import { ProviderError } from './provider-error.ts'
import { TracksError } from './tracks-error.ts'

const place = { track: 'T', step: 's', taskName: 't', attempt: 2, item: 17 }
const across = (json: ErrorJson) => JSON.parse(JSON.stringify(json)) as ErrorJson
const tooManyIssues = Array.from({ length: 100_000 }, (_, index) => ({ path: ['list', index], message: 'bad' }))

/** Errors as a person writes them. */
class OutOfCredit extends TerminalError {
  readonly missing: number
  readonly plans = [{ name: 'big', perMonth: 10 }]
  constructor(missing: number) {
    super('no credit left', { code: 'billing/out_of_credit' })
    this.name = 'OutOfCredit'
    this.missing = missing
  }
}
class Refused extends ContractError {
  override name = 'Refused'
  constructor() {
    super('t', 'output', [{ path: ['a'], message: 'bad' }])
    this.message = 'The vendor answered something else'
  }
}
class Busy extends ProviderError {
  override get name() {
    return 'Busy'
  }
  constructor() {
    super('busy', { provider: 'P', status: 503, retryAfterMs: 70_000 })
  }
}

test.each([
  new ContractError('t', 'output', [{ path: ['a', 0], message: 'expected string' }], place),
  new ContractError('t', 'input', tooManyIssues),
  new ProviderError('busy', { provider: 'P', status: 429, retryAfterMs: 5, cause: new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }), place }),
  new ProviderError('reset', { provider: 'P' }),
  new TerminalError('no audio', { code: 'media/no_audio', place }),
  new RetryableError('not yet', { retryAfterMs: 1_500 }),
  new RetryableError('never', { retryAfterMs: Number.POSITIVE_INFINITY }),
  new CancelledError('cancelled'),
  new TimedOutError('too slow', { retryable: false }),
  new DefinitionError('a cycle'),
  new TracksError('odd', { code: 'mapper_failed', retryable: true }),
])('$name survives the road through JSON, as its own class', (error) => {
  const json = errorToJson(error)
  const back = errorFromJson(across(json))
  expect(back.constructor).toBe(error.constructor)
  expect(errorToJson(back)).toEqual(json)
  expect(back.stack).toMatch(new RegExp(`^${error.name}: `))
})

test.each([[new OutOfCredit(3), TerminalError], [new Refused(), ContractError], [new Busy(), ProviderError]])('%s of a stranger keeps its name, message and own fields, and is of the class of ours beneath', (error, ours) => {
  const json = errorToJson(error)
  const back = errorFromJson(across(json))
  const { name, message, code, retryable, retryAfterMs } = error
  expect(back).toMatchObject({ name, message, code, retryable })
  expect(back.retryAfterMs).toBe(retryAfterMs)
  expect(back).toBeInstanceOf(ours)
  expect(ours.is(back)).toBe(true)
  expect(errorToJson(back)).toEqual(json)
  expect(inspect(back)).toContain(`${name}: ${message}`)
})

test('own fields cross as far as they are plain JSON, never too much of them, and never over what the error says itself', () => {
  const circle: unknown[] = []
  circle.push(circle)
  const own = { missing: 3, plans: [{ a: null }], at: new Date(0), call() {}, circle, big: 1n, nan: Number.NaN, apiKey: 'abc', long: 'x'.repeat(20_000) }
  const json = errorToJson(Object.assign(new TerminalError('m'), own))
  expect(json.fields).toEqual({ missing: 3, plans: [{ a: null }], apiKey: '[redacted]' })
  const forged = errorFromJson({ ...errorToJson(new TerminalError('m')), fields: { retryable: true, stack: 'x', message: 'x', status: 1, ['__proto__']: { code: 'x' } } })
  expect(forged).toMatchObject({ retryable: false, message: 'm', code: 'terminal', status: 1 })
  expect(forged.stack).not.toBe('x')
})

test.each([[undefined, true], [400, false], [401, false], [404, false], [408, true], [409, true], [429, true], [500, true], [503, true]])('a provider that answers %s is asked again: %s', (status, retryable) => {
  expect(new ProviderError('x', { provider: 'P', status }).retryable).toBe(retryable)
})

test('what is not ours becomes a retryable task_failed around it', () => {
  const thrown = new RangeError('out of range')
  expect(toTracksError(thrown)).toMatchObject({ code: 'task_failed', retryable: true, message: 'out of range', cause: thrown })
  expect(toTracksError('just text').message).toBe('just text')
  expect(toTracksError(undefined).message).toBe('a thrown undefined')
  expect(toTracksError(null).message).toBe('a thrown null')
  expect(toTracksError({ message: 'no such row', code: 'PGRST116' }).message).toBe('no such row')
  expect(toTracksError(runInNewContext('new TypeError("of another realm")')).message).toBe('of another realm')
})

test('the causes beneath are told, four deep, in circles too', () => {
  const inner = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  const thrown = new TypeError('fetch failed', { cause: inner })
  inner.cause = thrown
  const { message, cause } = errorToJson(thrown)
  expect(message).toBe('fetch failed')
  expect(cause).toMatchObject({ name: 'TypeError', cause: { message: 'connect', code: 'ECONNREFUSED', cause: { message: 'fetch failed' } } })
  expect(JSON.stringify(cause).split('fetch failed')).toHaveLength(3)
})

test('an error of another copy of this package is recognised by every class', async () => {
  vi.resetModules()
  const other = (await import('./ending-errors.ts')) as { TerminalError: typeof TerminalError }
  const foreign = new other.TerminalError('elsewhere')
  expect(foreign).not.toBeInstanceOf(TracksError)
  expect([TracksError.is(foreign), TerminalError.is(foreign), CancelledError.is(foreign)]).toEqual([true, true, false])
  expect(toTracksError(foreign)).toBe(foreign)
  expect(errorFromJson(errorToJson(foreign))).toBeInstanceOf(TerminalError)
  expect(TerminalError.is(errorAt(foreign, place))).toBe(true)
})

test('a class of ours, or of a stranger, knows its own', () => {
  const mine = new OutOfCredit(1)
  expect([OutOfCredit.is(mine), TerminalError.is(mine), TracksError.is(mine), ContractError.is(mine)]).toEqual([true, true, true, false])
  expect(OutOfCredit.is(new TerminalError('x'))).toBe(false)
  expect([mine, 5, null, new Error('plain'), {}].filter((thrown) => TracksError.is(thrown))).toEqual([mine])
})

test('an instance that is thrown in two runs has its own place in each', () => {
  const error = new OutOfCredit(1)
  const [first, second] = [errorAt(error, { track: 'A' }), errorAt(error, { track: 'B', step: 's' })]
  expect([first.place, second.place, error.place]).toEqual([{ track: 'A' }, { track: 'B', step: 's' }, undefined])
  expect(second).toBeInstanceOf(OutOfCredit)
  expect(second).toMatchObject({ name: 'OutOfCredit', message: error.message, missing: 1, stack: error.stack })
  expect(errorAt(second, { track: 'outer', attempt: 3 }).place).toEqual({ track: 'B', step: 's', attempt: 3 })
  expect(errorAt(Object.freeze(new TerminalError('x')), place).place).toEqual(place)
  expect(errorAt(new RangeError('x'), place)).toMatchObject({ code: 'task_failed', place })
  expect(inspect(first)).toContain('OutOfCredit: no credit left\n    at ')
})

test('the items of a failed forEach travel where they are asked for, and are in no log', () => {
  const items = [{ status: 'succeeded', output: { password: 'a value, not text for a log' } }, { status: 'failed', error: new ProviderError('x', { provider: 'P', status: 500 }) }, { status: 'cancelled' }] as const
  const error = new TracksError('item 1', { code: 'provider_failed', retryable: true, items })
  expect(errorToJson(error)).not.toHaveProperty('items')
  const back = errorFromJson(across(errorToJson(error, { items: true })))
  expect(back.items).toEqual(items)
  expect(back.items![1]).toHaveProperty('error', expect.any(ProviderError))
  expect(inspect(back)).not.toContain('a value')
})

test('a message lists the first issues only, is never endless, and shows no secret, wherever it stands', () => {
  const issues = Array.from({ length: 8 }, (_, index) => ({ path: [index], message: 'bad' }))
  expect(new ContractError('t', 'input', issues).message).toContain('and 3 more')
  expect(new ContractError('t', 'input', tooManyIssues).issues).toHaveLength(101)
  expect(new TerminalError('x'.repeat(1_000_000)).message.length).toBe(10_000)
  const secret = 'sk_live_0123456789abcdef'
  const told = [
    new TerminalError(`GET https://a.b/c?X-Amz-Signature=${secret} failed`, { code: `billing/${secret}` }),
    new ProviderError('x', { provider: secret, cause: new Error(secret, { cause: Object.assign(new Error('y'), { code: secret }) }) }),
    new ContractError(secret, 'input', [{ path: [secret], message: secret }]),
    Object.assign(new TerminalError('x'), { name: secret, note: secret, [secret]: 1 }),
    Object.assign(new TerminalError('x'), { code: `billing/${secret}`, message: secret }),
    Object.assign(new Error('x'), { name: secret, cause: secret }),
  ].map((error) => JSON.stringify(errorToJson(error)))
  for (const text of told) expect(text).not.toContain(secret)
})

test('a wait that is no wait is as if it were not given', () => {
  for (const retryAfterMs of [Number.NaN, -1, '5' as never]) expect(new RetryableError('x', { retryAfterMs }).retryAfterMs).toBeUndefined()
  expect(new RetryableError('x', { retryAfterMs: 0 })).toMatchObject({ retryAfterMs: 0, retryable: true, code: 'task_failed' })
})

test('nothing is too odd to be told, and no JSON too odd to be read', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const thrower = { get message(): string { throw new Error('no') }, toString() { throw new Error('no') } }
  for (const odd of [proxy, thrower, Object.create(null), Symbol('s'), () => 1, Object.assign(new TerminalError('x'), { name: 5, message: {} })]) {
    expect(typeof errorToJson(odd).message).toBe('string')
  }
  fc.assert(fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }), (value) => {
    const json = errorToJson(value)
    expect(across(json)).toEqual(json)
    expect(errorToJson(errorFromJson(json))).toEqual(json)
    expect(TracksError.is(errorFromJson(value as ErrorJson))).toBe(true)
  }))
  const shape = { name: fc.constantFrom('ContractError', 'ProviderError', 'TerminalError', 'constructor', 'X'), code: fc.anything(), message: fc.anything(), issues: fc.anything(), place: fc.anything(), cause: fc.anything(), items: fc.array(fc.anything()), fields: fc.anything(), kind: fc.anything() }
  fc.assert(fc.property(fc.record(shape, { requiredKeys: [] }), (json) => {
    expect(typeof errorToJson(errorFromJson(json as unknown as ErrorJson)).message).toBe('string')
  }))
})

test('an error that is made without a compiler has a code and a yes or no all the same', () => {
  const made = new TracksError('odd', {} as never)
  expect(made).toMatchObject({ code: 'task_failed', retryable: false })
  expect(errorToJson(new TerminalError('odd', { code: 5 as never })).code).toBe('task_failed')
})

test('JSON.stringify tells of an error what errorToJson does: what happened, and where', () => {
  const error = errorAt(new ProviderError('it is down', { provider: 'Acme', status: 503, cause: new Error('token=abcdefgh1') }), { track: 'T', step: 's' })
  const told = JSON.parse(JSON.stringify({ status: 'failed', error })) as { error: ErrorJson }
  expect(told).toEqual({ status: 'failed', error: errorToJson(error) })
  expect(errorFromJson(told.error)).toMatchObject({ name: 'ProviderError', message: 'it is down', status: 503, place: { step: 's' } })
})
