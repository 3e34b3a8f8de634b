import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import * as mini from 'zod/mini'
import type { $ZodType } from 'zod/v4/core'
import { ContractError } from './errors/contract-error.ts'
import { copyJson, createParser, parseInput } from './parse.ts'
import { defineTask } from './task-contract.ts'

const contract = defineTask({ name: 't', input: z.object({ n: z.coerce.number(), list: z.array(z.string()).default([]) }), output: z.object({}) })
const input = (schema: $ZodType) => createParser(schema, 'T', 'input')
const output = (schema: $ZodType) => createParser(schema, 'T', 'output')
const issuesOf = async (run: () => unknown) => {
  const error = await Promise.resolve().then(run).then(() => undefined, (thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ContractError)
  return (error as ContractError).issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

test('an input is parsed at once: coerced, defaults filled in, strange keys left out', () => {
  expect(parseInput(contract, { n: '7', odd: true })).toEqual({ n: 7, list: [] })
})

test('what does not fit is refused with every path', () => {
  const refused = () => parseInput(contract, { n: 'x', list: [1] })
  expect(refused).toThrow(ContractError)
  expect(refused).toThrow(/The input of t does not fit its contract: n: .*; list.0: /)
})

test('no value is shown in the error, only where it stood', () => {
  expect(() => parseInput(contract, { n: 'my-secret-token' })).toThrow(expect.not.objectContaining({ message: expect.stringContaining('my-secret') as string }))
})

describe('what is parsed is the receiver\'s own', () => {
  const shared = { deep: { list: [1] } }
  test.each<[string, $ZodType]>([
    ['any', z.any()],
    ['unknown in an object', z.object({ deep: z.unknown() })],
    ['extra keys', z.looseObject({})],
    ['a catchall', z.object({}).catchall(z.any())],
    ['custom', z.object({ deep: z.custom() })],
    ['a record', z.object({ deep: z.record(z.string(), z.any()) })],
    ['a union', z.union([z.string(), z.looseObject({})])],
    ['an intersection', z.looseObject({}).and(z.looseObject({}))],
    ['a transform', z.any().transform((value) => value as unknown)],
    ['readonly', z.object({ deep: z.any() }).readonly()],
    ['lists', z.object({ deep: z.object({ list: z.array(z.any()) }) })],
    ['a check that puts another in its place', z.object({ deep: z.any() }).check((context) => { context.value = shared })],
    ['overwrite', z.object({ deep: z.any() }).overwrite(() => shared)],
    ['catch', z.string().catch(shared as never)],
  ])('%s', async (_what, schema) => {
    for (const parse of [input(schema), output(schema)]) {
      const first = (await parse(shared)) as typeof shared
      expect(first).toEqual(shared)
      first.deep.list.push(2)
      expect(shared).toEqual({ deep: { list: [1] } })
      expect(await parse(shared)).toEqual({ deep: { list: [1] } })
    }
  })

  test('each time anew, also of one and the same object', () => {
    for (const schema of [z.object({ list: z.array(z.number()) }), z.object({ list: z.array(z.number()) }).refine(() => true)]) {
      const parse = input(schema)
      const given = { list: [1] }
      const first = parse(given) as typeof given
      first.list.push(2)
      expect(parse(given)).toEqual({ list: [1] })
      expect(parse(given)).not.toBe(first)
    }
  })

  test('defaults too, each time', () => {
    const parse = input(z.object({ options: z.object({ list: z.array(z.number()) }).default({ list: [] }) }))
    const first = parse({}) as { options: { list: number[] } }
    first.options.list.push(1)
    expect(parse({})).toEqual({ options: { list: [] } })
  })

  test('whatever JSON it is', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const parsed = output(z.any())(value)
      expect(parsed).toEqual(JSON.parse(JSON.stringify(value)))
      if (typeof value === 'object' && value !== null) expect(parsed).not.toBe(value)
    }))
  })

  test('of -0 JSON makes 0, and so do we', () => {
    expect(output(z.any())({ list: [-0] })).toEqual({ list: [0] })
  })

  test('keys that are undefined are dropped, on both sides', () => {
    const schema = z.object({ a: z.string().optional(), any: z.any(), in: z.object({ b: z.number().optional() }).optional() })
    for (const parse of [input(schema), output(schema)]) expect(parse({ a: undefined, any: { x: undefined, y: 1 }, in: { b: undefined } })).toStrictEqual({ any: { y: 1 }, in: {} })
    expect(output(z.string().optional())(undefined)).toBeUndefined()
  })

  test('keys such as __proto__ and constructor are keys', () => {
    const value: unknown = JSON.parse('{ "values": { "__proto__": { "a": 1 }, "constructor": 2 } }')
    expect(JSON.stringify(output(z.object({ values: z.any() }))(value))).toBe(JSON.stringify(value))
    expect(({} as { a?: number }).a).toBeUndefined()
  })
})

describe('what passes by a schema and is no JSON is refused at its place', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  const twice: Record<string, unknown> = {}
  Object.assign(twice, { a: twice, b: twice })
  const thrower = { get x(): never { throw new Error('no') } }
  test.each<[string, unknown, string]>([
    ['undefined in a list', [1, undefined], 'v.1: undefined cannot stand in a list'],
    ['a hole in a list', [1, , 2], 'v.1: undefined cannot stand in a list'], // eslint-disable-line no-sparse-arrays
    ['NaN', { n: Number.NaN }, 'v.n: NaN is no JSON'],
    ['Infinity', Number.POSITIVE_INFINITY, 'v: Infinity is no JSON'],
    ['a bigint', { n: 1n }, 'v.n: a bigint is no JSON'],
    ['a function', { f() {} }, 'v.f: a function is no JSON'],
    ['a symbol', { s: Symbol('s') }, 'v.s: a symbol is no JSON'],
    ['a Date', { at: new Date(0) }, 'v.at: an object of class Date is no JSON'],
    ['a Map', new Map(), 'v: an object of class Map is no JSON'],
    ['bytes', Buffer.from('x'), 'v: an object of class Buffer is no JSON'],
    ['a promise', Promise.resolve(1), 'v: a promise is no JSON'],
    ['a class instance', new (class Thing { a = 1 })(), 'v: an object of class Thing is no JSON'],
    ['an error', new Error('x'), 'v: an object of class Error is no JSON'],
    ['a circle', circle, 'v.self: an object inside itself is no JSON'],
    ['a circle that branches', twice, 'v.a: an object inside itself is no JSON'],
    ['a getter that throws', thrower, 'v: cannot be read'],
  ])('%s', async (_what, value, issue) => {
    const schemas = [z.object({ v: z.any() }), z.looseObject({}), z.object({ v: z.union([z.string(), z.any()]) })]
    for (const schema of schemas) for (const parse of [input(schema), output(schema)]) expect((await issuesOf(() => parse({ v: value })))[0]).toContain(issue)
    expect(() => copyJson('the merge of M', 'output', { v: value })).toThrow('The output of the merge of M does not fit its contract: v')
  })

  test('undefined in a list of anything', async () => {
    expect(await issuesOf(() => input(z.object({ list: z.array(z.any()) }))({ list: [undefined, 1] }))).toEqual(['list.0: undefined cannot stand in a list: use null, or leave it out'])
    expect(await issuesOf(() => input(z.tuple([z.unknown()]))([undefined]))).toEqual(['0: undefined cannot stand in a list: use null, or leave it out'])
  })

  test('of an output, what transforms make; of an input, that is the handler\'s', async () => {
    const schema = z.object({ at: z.string().transform((text) => new Date(text)) })
    expect(input(schema)({ at: '2026-01-01' })).toEqual({ at: new Date('2026-01-01') })
    expect(await issuesOf(() => output(schema)({ at: '2026-01-01' }))).toEqual(['at: an object of class Date is no JSON: pass plain objects, dates as ISO strings'])
    expect(await issuesOf(() => createParser(schema, 'T', 'input', { crosses: true })({ at: '2026-01-01' }))).toHaveLength(1)
  })

  test('extra keys that the schema leaves out may be anything', () => {
    expect(input(z.object({ a: z.any() }))({ a: 1, onDone: () => {} })).toEqual({ a: 1 })
  })
})

describe('3,000 levels', () => {
  const deep = (levels: number, wrap: (inner: unknown) => unknown) => {
    let value: unknown = null
    for (let level = 0; level < levels; level++) value = wrap(value)
    return value
  }
  const list: z.ZodType = z.union([z.null(), z.array(z.lazy(() => list))])
  const tree: z.ZodType = z.object({ get inner() { return tree.nullable() } })
  test.each<[string, $ZodType, (inner: unknown) => unknown]>([
    ['any', z.any(), (inner) => ({ inner })],
    ['a recursive object', tree, (inner) => ({ inner })],
    ['a recursive list', list, (inner) => [inner]],
    ['any JSON', z.json(), (inner) => [inner]],
    ['a refined recursive object', tree.refine(() => true), (inner) => ({ inner })],
  ])('of %s are an error with a name; 900 are fine', async (_what, schema, wrap) => {
    for (const parse of [input(schema), output(schema)]) {
      expect((await issuesOf(() => parse(deep(3_000, wrap))))[0]).toContain('nested deeper than 1,000 levels')
      expect(JSON.stringify(await parse(deep(900, wrap)))).toBe(JSON.stringify(deep(900, wrap)))
    }
  })

  test('a list in which 200,000 items are wrong is an error with a name', async () => {
    expect(await issuesOf(() => input(z.object({ list: z.array(z.string()) }))({ list: Array.from({ length: 200_000 }, () => 1) }))).not.toEqual([])
  })
})

describe('another zod', () => {
  test('zod/mini says what it expected', async () => {
    expect(input(mini.object({ a: mini.optional(mini.string()) }))({ a: 'x' })).toEqual({ a: 'x' })
    expect((await issuesOf(() => input(mini.object({ a: mini.string() }))({ a: 1 })))[0]).toContain('expected string')
  })

  test('a second copy of zod works, asynchronous schemas too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zod-copy-'))
    try {
      cpSync(dirname(fileURLToPath(import.meta.resolve('zod/package.json'))), join(folder, 'zod'), { recursive: true, filter: (path) => !/\/src(?:\/|$)/.test(path) })
      const other = ((await import(/* @vite-ignore */ pathToFileURL(join(folder, 'zod/index.js')).href)) as { z: typeof z }).z
      expect(other.object).not.toBe(z.object)
      const parse = input(other.object({ n: other.coerce.number().refine(async (n) => Promise.resolve(n > 0), 'too small'), any: other.any() }))
      expect(await parse({ n: '1', any: { a: 1 } })).toEqual({ n: 1, any: { a: 1 } })
      expect(await issuesOf(() => parse({ n: 'x', any: 1 }))).toEqual(['n: Invalid input: expected number, received NaN'])
      expect(await issuesOf(() => parse({ n: -1, any: 1 }))).toEqual(['n: too small'])
      expect(await issuesOf(() => input(other.object({ s: other.string() }))({ s: 1 }))).toEqual(['s: Invalid input: expected string, received number'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
