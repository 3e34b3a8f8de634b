import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { $ZodType } from 'zod/v4/core'
import { ContractError } from './errors/contract-error.ts'
import { createParser } from './parse.ts'

const input = (schema: $ZodType) => createParser(schema, 'T', 'input')
const issuesOf = async (run: () => unknown) => {
  const error = await Promise.resolve().then(run).then(() => undefined, (thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ContractError)
  return (error as ContractError).issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('code of a schema', () => {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => unhandled.push(reason)
  beforeEach(() => {
    process.on('unhandledRejection', onUnhandled)
  })
  afterEach(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', onUnhandled)
    expect(unhandled.splice(0)).toEqual([])
  })
  const reject = async () => Promise.reject(new Error('boom'))
  const fail = (): never => {
    throw new Error('boom')
  }
  const later = async <Value>(value: Value) => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    return value
  }

  test('that answers with a promise gives a promise, also the first time', async () => {
    const parse = input(z.object({ n: z.number() }).refine(async ({ n }) => later(n > 0), 'too small'))
    for (let time = 0; time < 2; time++) {
      expect(await parse({ n: 1 })).toEqual({ n: 1 })
      await expect(parse({ n: -1 })).rejects.toThrow('too small')
    }
  })

  test('that is synchronous gives no promise', () => {
    expect(input(z.object({ n: z.string().transform(Number).refine((n) => n > 0) }))({ n: '1' })).toEqual({ n: 1 })
  })

  const codec = (decode: () => never) => z.codec(z.string(), z.number(), { decode, encode: String })
  test.each<[string, $ZodType, string[]]>([
    ['a check that rejects', z.object({ a: z.object({ b: z.string().refine(reject) }) }), ['a.b']],
    ['a check that throws', z.object({ a: z.object({ b: z.string().refine(fail) }) }), ['a.b']],
    ['several that reject', z.object({ a: z.string().refine(reject).refine(reject), b: z.array(z.string().refine(reject)) }), ['a', 'b.0', 'b.1']],
    ['one that rejects beside one that throws', z.object({ a: z.string().refine(reject), b: z.any().refine(fail) }), ['a', 'b']],
    ['one that rejects beside an impossible intersection', z.object({ a: z.string().refine(reject), b: z.any().transform(() => 1).and(z.any().transform(() => 2)) }), ['']],
    ['superRefine', z.object({ a: z.string().superRefine(reject) }), ['a']],
    ['check', z.object({ a: z.string().check(fail) }), ['a']],
    ['custom', z.object({ a: z.custom(fail) }), ['a']],
    ['transform', z.object({ a: z.string().transform(reject) }), ['a']],
    ['preprocess', z.object({ a: z.preprocess(fail, z.string()) }), ['a']],
    ['property', z.object({ a: z.string().check(z.property('length', z.number().refine(reject))) }), ['a.length']],
    ['a message that cannot be made', z.object({ a: z.number({ error: fail }) }), ['a']],
    ['a codec', z.object({ a: codec(fail) }), ['a']],
    ['default', z.object({ a: z.string(), missing: z.string().default(fail) }), ['']],
    ['catch', z.object({ a: z.number().catch(fail) }), ['']],
    ['overwrite', z.object({ a: z.string().overwrite(fail) }), ['']],
    ['what lies in a tuple, record and union', z.object({ t: z.tuple([z.string().refine(reject)]), r: z.record(z.string(), z.string().refine(reject)), u: z.union([z.string().refine(reject), z.never()]) }), ['r.k', 't.0', 'u']],
    ['what lies in a lazy schema', z.object({ a: z.lazy(() => z.string().refine(reject)) }), ['a']],
  ])('%s is an issue at its place, and harms nobody', async (_what, schema, places) => {
    const parse = input(schema)
    const value = { a: _what.includes('check that') ? { b: 'x' } : 'x', b: ['x', 'y'], t: ['x'], r: { k: 'x' }, u: 'x' }
    for (let time = 0; time < 2; time++) expect([...new Set((await issuesOf(() => parse(value))).map((issue) => issue.split(':')[0]!))].toSorted()).toEqual(places)
  })

  test('what it threw is told, without secrets, and so is a promise of another class', async () => {
    expect(await issuesOf(() => input(z.object({ a: z.any().refine(async () => Promise.reject(new Error('key sk_live_0123456789 is wrong'))) }))({ a: 1 }))).toEqual(['a: the code of the schema threw: key [redacted] is wrong'])
    // eslint-disable-next-line unicorn/no-thenable
    const thenable = (answer: boolean) => ({ then: (resolve: (value: boolean) => void) => resolve(answer) }) as unknown as boolean
    expect(await issuesOf(() => input(z.any().refine(() => thenable(false), 'no'))(1))).toEqual([': no'])
  })

  test('the schema itself stays as it was', async () => {
    const schema = z.object({ a: z.string().refine(fail) })
    await issuesOf(() => input(schema)({ a: 'x' }))
    expect(() => schema.parse({ a: 'x' })).toThrow('boom')
  })

  test('a recursive schema with code is checked at every level', async () => {
    const tree: z.ZodType = z.object({ name: z.string().refine(async (name) => later(name !== 'bad')), get children() { return z.array(tree) } })
    expect(await issuesOf(() => input(tree)({ name: 'a', children: [{ name: 'b', children: [{ name: 'bad', children: [] }] }] }))).toEqual(['children.0.children.0.name: Invalid input'])
  })
})
