import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TerminalError } from '../errors/ending-errors.ts'
import { redactValue } from './redact-value.ts'

test('values under telling keys are blotted whole, whatever they are', () => {
  expect(redactValue({ apiKey: 'x', SUPABASE_SERVICE_ROLE_KEY: 'y', nested: [{ authorization: { a: 1 } }], tokens: 5, keyterms: ['a'] })).toEqual({
    apiKey: '[redacted]',
    SUPABASE_SERVICE_ROLE_KEY: '[redacted]',
    nested: [{ authorization: '[redacted]' }],
    tokens: 5,
    keyterms: ['a'],
  })
})

test.each(['privateKey', 'secretKey', 'secretAccessKey', 'password', 'passwd', 'dbPassword', 'clientSecret', 'accessToken', 'refresh_token', 'id-token', 'X-Api-Key', 'cookie', 'Set-Cookie', 'credentials', 'SharedAccessSignature', 'jwt', 'PASSPHRASE', 'apikey', 'webhookSecret', 'sshKey', 'aws.secret.access.key', 'csrftoken', 'X-XSRF-TOKEN'])('a value under %s is blotted', (key) => {
  expect(redactValue({ [key]: 'plain' })).toEqual({ [key]: '[redacted]' })
})

test.each([['key', 'tenants/a'], ['storageKey', 'tenants/a'], ['publicKey', 'ssh-rsa'], ['tokens', 5], ['tokenCount', 5], ['secretName', 'db'], ['passwordRequired', 'yes'], ['hasPassword', true], ['author', 'Joe'], ['signature', 'double(a)'], ['policy', 'halt'], ['pass', 1], ['token', null], ['accessKeyId', 'x']])('a value under %s stays', (key, value) => {
  expect(redactValue({ [key]: value })).toEqual({ [key]: value })
})

test('headers given as lists, in pairs or flat, are blotted by the names in them; words in a list stay', () => {
  expect(redactValue({ headers: [['authorization', 'Zq8xV2mN5t'], ['accept', 'a/b1']], rawHeaders: ['Cookie', 'id=7xk9', 'Host', 'h1'] })).toEqual({ headers: [['authorization', '[redacted]'], ['accept', 'a/b1']], rawHeaders: ['Cookie', '[redacted]', 'Host', 'h1'] })
  expect(redactValue([['password', 'forgotten'], ['name', 'token7'], ['token', 5], ['password', 'a1b2c3', 'x']])).toEqual([['password', 'forgotten'], ['name', 'token7'], ['token', 5], ['password', 'a1b2c3', 'x']])
})

test('errors, maps, sets, dates, URLs, headers, bytes and objects with toJSON are told legibly, without secrets', () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const value = {
    error: new TerminalError('GET https://a.b/c?X-Amz-Signature=abc failed', { code: 'media/x', cause }),
    map: new Map<unknown, unknown>([['password', 'p'], ['a', new Map([[1, 'one']])]]),
    set: new Set(['sk_live_0123456789', 2]),
    at: new Date(0),
    never: new Date(Number.NaN),
    url: new URL('https://joe:pw@host/x?token=1'),
    headers: new Headers({ authorization: 'Bearer x', accept: 'a' }),
    bytes: Buffer.from('secret'),
    json: { toJSON: () => ({ apiKey: 'x', url: 'https://h/?sig=1' }) },
    header: { name: 'Authorization', value: 'Bearer x' },
    placed: { path: 'users[0].password', value: 'hunter2' },
    ['sk_live_0123456789']: 1,
    big: 12n,
    nan: Number.NaN,
    call() {},
    later: Promise.resolve(),
    pattern: /a/,
  }
  expect(redactValue(value)).toMatchObject({
    error: { name: 'TerminalError', message: 'GET https://a.b/c?[redacted] failed', code: 'media/x', retryable: false, cause: { name: 'Error', message: 'refused', code: 'ECONNREFUSED' } },
    map: { password: '[redacted]', a: { 1: 'one' } },
    set: ['[redacted]', 2],
    at: '1970-01-01T00:00:00.000Z',
    never: 'Invalid Date',
    url: 'https://[redacted]@host/x?[redacted]',
    headers: { authorization: '[redacted]', accept: 'a' },
    bytes: '[6 bytes]',
    json: { apiKey: '[redacted]', url: 'https://h/?[redacted]' },
    header: { name: 'Authorization', value: '[redacted]' },
    placed: { path: 'users[0].password', value: '[redacted]' },
    '[redacted]': 1,
    big: '12',
    nan: 'NaN',
    call: '[function]',
    later: '[promise]',
    pattern: '/a/',
  })
  expect(JSON.stringify(redactValue(value))).not.toMatch(/sk_live|Bearer x/)
})

test('what cannot be read says so in its place, and spoils nothing beside it', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const value = { a: 1, get b(): never { throw new Error('no') }, proxy, json: { toJSON() { throw new Error('no') } } }
  expect(redactValue(value)).toEqual({ a: 1, b: '[unreadable]', proxy: '[unreadable]', json: '[unreadable]' })
})

test('a knot of 30 objects that all refer to each other is done at once, and so are lists and objects without end', () => {
  const knot: Record<string, unknown>[] = Array.from({ length: 30 }, (_, number) => ({ number }))
  for (const node of knot) Object.assign(node, { others: knot, ...Object.fromEntries(knot.map((other, index) => [`to${index}`, other])) })
  expect(JSON.stringify(redactValue(knot)).length).toBeLessThan(1_000_000)
  const wide = redactValue(Array.from({ length: 1_000_000 }, (_, index) => index)) as unknown[]
  expect(wide).toHaveLength(100_001)
  expect(wide.at(-1)).toBe('[900000 more]')
  expect(Object.keys(redactValue(Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`k${index}`, 1]))) as object)).toHaveLength(100_001)
  expect(redactValue(Array.from({ length: 3 }).fill(knot[0]))).toHaveLength(3)
})

test('circles and depth say so; what stands twice is told twice; long keys are cut', () => {
  const circle: Record<string, unknown> = { a: 1 }
  circle.self = circle
  const twice = { x: 1 }
  let deep: unknown = 1
  for (let level = 0; level < 3_000; level++) deep = { deep }
  expect(redactValue({ circle, first: twice, second: twice })).toEqual({ circle: { a: 1, self: '[circular]' }, first: { x: 1 }, second: { x: 1 } })
  expect(JSON.stringify(redactValue(deep))).toContain('[too deep]')
  expect(Object.keys(redactValue({ ['k'.repeat(10_000)]: 1 }) as object)[0]).toHaveLength(200)
  expect(JSON.stringify(redactValue(JSON.parse('{"__proto__":{"a":1}}')))).toBe('{"__proto__":{"a":1}}')
})

test('nothing is too odd: the result is JSON, and the same again', () => {
  fc.assert(fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true, withSparseArray: true, withBoxedValues: true }), (value) => {
    const once = redactValue(value)
    expect(redactValue(once)).toEqual(once)
    JSON.stringify(once)
  }))
})

test('what shows nothing is told by its class', () => {
  expect(redactValue({ request: new Request('http://127.0.0.1/'), weak: new WeakMap(), plain: {}, bare: Object.create(null) as object })).toEqual({ request: '[Request]', weak: '[WeakMap]', plain: {}, bare: {} })
})
