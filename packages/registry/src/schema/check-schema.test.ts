import { expect, test } from 'vitest'
import { z } from 'zod'
import * as mini from 'zod/mini'
import { z as z3 } from 'zod/v3'
import type { $ZodType } from 'zod/v4/core'
import { DefinitionError } from '../errors/definition-error.ts'
import { defineTask } from '../task-contract.ts'
import { checkSchema } from './check-schema.ts'

class Thing {
  readonly a = 1
}
const json = z.object({ a: z.string() })
const tree: $ZodType = z.object({ name: z.string(), get children() { return z.array(tree as z.ZodType) } })
const dated: $ZodType = z.object({ at: z.date(), get next() { return z.optional(dated as z.ZodType) } })
const nested = (levels: number, wrap: (inner: z.ZodType) => z.ZodType) => {
  let schema: z.ZodType = z.string()
  for (let level = 0; level < levels; level++) schema = wrap(schema)
  return schema
}
const both = (schema: unknown) => checkSchema('T', 'input', schema, ['in', 'out'])

test.each<[string, $ZodType]>([
  ['at: a Date', z.object({ at: z.date() })],
  ['at: a Date', z.object({ at: z.coerce.date() })],
  ['at: a Date', z.object({ at: z.date().optional().default(new Date(0)) })],
  ['list[].at: a Date', z.object({ list: z.array(z.object({ at: z.date() })) })],
  ['m: a Map', z.object({ m: z.map(z.string(), z.string()) })],
  ['s: a Set', z.object({ s: z.set(z.string()).readonly() })],
  ['n: a bigint', z.object({ n: z.union([z.string(), z.bigint()]) })],
  ['n: a bigint', z.object({ n: z.literal([1n, 2n] as never) })],
  ['n: NaN', z.object({ n: z.nan() })],
  ['f: a function', z.object({ f: z.function() })],
  ['p: a promise', z.object({ p: z.promise(z.string()) })],
  ['s: a symbol', z.object({ s: z.symbol() })],
  ['file: a File', z.object({ file: z.file() })],
  ['u: an instance of URL', z.object({ u: z.instanceof(URL) })],
  ['t: an instance of Thing', z.object({ t: z.instanceof(Thing).nullable() })],
  ['v: undefined', z.object({ v: z.void() })],
  ['list[]: undefined', z.object({ list: z.array(z.string().optional()) })],
  ['list[]: undefined', z.object({ list: z.array(z.string().nullish()) })],
  ['list[]: undefined', z.object({ list: z.array(z.union([z.number(), z.string().optional()])) })],
  ['pair[1]: undefined', z.object({ pair: z.tuple([z.string(), z.string().optional()]) })],
  ['rest[]: undefined', z.object({ rest: z.tuple([z.string()], z.lazy(() => z.string().optional())) })],
  ['r.*: undefined', z.object({ r: z.record(z.string(), z.string().optional()) })],
  ['.*: a Date', z.object({ r: z.record(z.string(), z.date()) })],
  ['at: a Date', z.object({ a: z.string() }).and(z.object({ at: z.date() }))],
  ['at: a Date', z.object({ at: z.string().pipe(z.coerce.date()) })],
  ['at: a Date', z.object({ at: z.codec(z.string(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() }) })],
  ['*: a bigint', z.object({}).catchall(z.bigint())],
  ['at: a Date', dated],
  ['at: a Date', mini.object({ at: mini.date() })],
])('%s is refused when it is defined', (fault, schema) => {
  expect(() => both(schema)).toThrow(DefinitionError)
  expect(() => both(schema)).toThrow(fault)
})

test.each<[string, $ZodType]>([
  ['plain types', z.object({ s: z.string(), n: z.number(), b: z.boolean(), e: z.enum(['a', 'b']), l: z.literal(['x', 1, null]), t: z.templateLiteral(['v', z.number()]) })],
  ['formats and coercions', z.object({ u: z.url(), d: z.iso.datetime(), n: z.coerce.number(), i: z.int(), b: z.stringbool() })],
  ['optional, nullable and default keys', z.object({ a: z.string().optional(), b: z.string().nullable(), c: z.string().default('x'), d: z.string().prefault('y'), e: z.string().catch('z') })],
  ['an optional whole', z.string().optional()],
  ['lists, tuples and records within', z.object({ l: z.array(z.string().nullable()), t: z.tuple([z.string()], z.number()), r: z.record(z.string(), z.number()) })],
  ['a union told apart', z.discriminatedUnion('k', [z.object({ k: z.literal('a'), x: z.number() }), z.object({ k: z.literal('b') })])],
  ['a schema inside itself', tree],
  ['any JSON', z.object({ json: z.json() })],
  ['what is seen only when it is there', z.object({ a: z.any(), u: z.unknown(), c: z.custom<string>(), t: z.string().transform((text) => text.length) })],
  ['brands, readonly, refinements', z.object({ a: z.string().brand('A').readonly().refine((text) => text.length > 0) })],
  ['a loose object', z.looseObject({})],
  ['zod/mini', mini.object({ a: mini.optional(mini.string()) })],
  ['700 levels', nested(700, (inner) => z.object({ inner }))],
])('%s may cross processes', (_what, schema) => {
  expect(() => both(schema)).not.toThrow()
})

test('of a task only the ends that cross are looked at', () => {
  const date = z.codec(z.string(), z.date(), { decode: (text) => new Date(text), encode: (at) => at.toISOString() })
  expect(() => defineTask({ name: 'ok', input: z.object({ date }), output: z.object({ at: z.date().transform((at) => at.toISOString()).pipe(z.string()) }) })).not.toThrow()
  expect(() => defineTask({ name: 'bad', input: json, output: z.object({ date }) })).toThrow('The output schema of bad holds something JSON cannot (date: a Date). Pass dates as ISO strings')
})

test.each([
  ['objects', (inner: z.ZodType) => z.object({ inner })],
  ['optional', (inner: z.ZodType) => z.optional(inner)],
  ['lists', (inner: z.ZodType) => z.array(inner)],
])('3,000 levels of %s are refused with a name', (_what, wrap) => {
  expect(() => both(nested(3_000, wrap))).toThrow(DefinitionError)
  expect(() => both(nested(3_000, wrap))).toThrow('more than 1000 levels')
})

test('a lazy schema that makes new ones for ever is refused', () => {
  const endless = (): z.ZodType => z.object({ inner: z.lazy(endless) })
  expect(() => both(endless())).toThrow('more than 1000 levels')
})

test('what a lazy schema throws is told', () => {
  const broken = () => z.object({ a: z.lazy((): z.ZodType => { throw new Error('not yet') }) })
  expect(() => both(broken())).toThrow(DefinitionError)
  expect(() => both(broken())).toThrow('The input schema of T cannot be looked into: not yet')
})

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'Write it with zod 4'],
  ['a plain object', { a: 'string' }, 'Write it with zod 4'],
  ['a schema of another library', { '~standard': { version: 1, vendor: 'valibot' } }, 'Write it with zod 4'],
  ['a schema of zod 3', z3.object({ a: z3.string() }), 'It is one of zod 3. Write it with zod 4: `import { z } from "zod"`'],
])('%s is no schema', (_what, schema, advice) => {
  expect(() => both(schema)).toThrow(DefinitionError)
  expect(() => both(schema)).toThrow(`The input schema of T is no schema of zod 4. ${advice}`)
})

test.each<[string, $ZodType, string]>([
  ['an object', z.object({ tenantId: z.string() }), 'declares tenantId'],
  ['a member of a union', z.union([json, z.object({ userId: z.string() })]), 'declares userId'],
  ['a side of an intersection', json.and(z.object({ trampData: z.any() })), 'declares trampData'],
  ['an optional object', z.object({ projectId: z.string() }).nullish(), 'declares projectId'],
  ['a lazy object', z.lazy(() => z.object({ projectId: z.string() })), 'declares projectId'],
  ['a refined object', z.object({ userId: z.string() }).refine(() => true), 'declares userId'],
  ['what goes into a transform', z.object({ userId: z.string() }).transform(() => ({})), 'declares userId'],
  ['what a preprocessed value becomes', z.preprocess((value) => value, z.object({ userId: z.string() })), 'declares userId'],
  ['a record', z.record(z.string(), z.number()), 'is a record'],
  ['a record in a union', z.union([json, z.record(z.string(), z.number())]), 'is a record'],
  ['a record in an intersection', json.and(z.record(z.string(), z.any())), 'is a record'],
  ['a record by another name', z.object({ total: z.number() }).catchall(z.number()), 'is a record'],
  ['a record of such keys', z.record(z.enum(['a', 'userId']), z.number()), 'is a record'],
])('base fields of its own: %s is refused', (_what, schema, why) => {
  expect(() => checkSchema('T', 'input', schema, ['in'])).toThrow(why)
})

test.each<[string, $ZodType]>([
  ['a record within an object', z.object({ values: z.record(z.string(), z.number()) })],
  ['a record of other keys', z.record(z.enum(['a', 'b']), z.number())],
  ['a record whose keys look otherwise', z.record(z.string().startsWith('x-'), z.number())],
  ['the names further down', z.object({ user: z.object({ userId: z.string() }) })],
])('base fields of its own: %s is fine', (_what, schema) => {
  expect(() => checkSchema('T', 'input', schema, ['in', 'out'])).not.toThrow()
})
