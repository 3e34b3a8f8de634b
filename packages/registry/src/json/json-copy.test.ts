import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createParser } from '../parse.ts'
import { copyIfPlain, JsonCopier } from './json-copy.ts'

function copied(value: unknown): { copy: unknown; issues: string[] } {
  const copier = new JsonCopier()
  const copy = copier.copy(value)
  return { copy, issues: (copier.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`) }
}
/** Each level holds the one below twice: as JSON without end, in memory a handful of objects. */
const doubled = (levels: number) => Array.from({ length: levels }).reduce((inner) => ({ left: inner, right: inner }), {})

test('an object inside itself is told where it stands again; one that stands in two places is copied twice', () => {
  const ring: Record<string, unknown> = {}
  ring['in'] = { list: [ring] }
  expect(copied({ ring })).toMatchObject({ issues: ['ring.in.list.0: an object inside itself is no JSON'] })
  const same = { a: 1 }
  const { copy, issues } = copied([same, same]) as { copy: unknown[]; issues: string[] }
  expect(issues).toEqual([])
  expect(copy[0]).not.toBe(copy[1])
})

test('what refers to the same objects again and again is refused before it fills the memory', () => {
  expect(copied(doubled(40)).issues.at(-1)).toContain('more than 2,000,000 objects')
})

test('so is what a handler makes of it under a schema that contains itself, without being looked through', () => {
  const tree: z.ZodType = z.lazy(() => z.object({ left: tree.optional(), right: tree.optional() }))
  expect(() => createParser(tree, 'T', 'output')(doubled(40))).toThrow('without end')
  expect(createParser(tree, 'T', 'output')(doubled(3))).toEqual(doubled(3))
})

test('a list of a thousand million holes, or of very many faults, is given up soon', () => {
  // oxlint-disable-next-line unicorn/no-new-array
  expect(copied({ list: new Array(1_000_000_000) }).issues).toHaveLength(1_000)
  expect(copied(Array.from({ length: 100_000 }, () => Number.NaN)).issues).toHaveLength(1_000)
})

test('a promise is refused, and does not end the process when it rejects', async () => {
  const thenable = { then: (_resolve: unknown, reject: (error: Error) => void) => reject(new Error('later')) } // oxlint-disable-line unicorn/no-thenable
  expect(copied({ a: Promise.reject(new Error('later')), b: thenable }).issues).toEqual(['a: a promise is no JSON', 'b: a promise is no JSON'])
  await new Promise((resolve) => setTimeout(resolve, 0)) // an unhandled rejection fails the test run
})

test('what cannot be read is refused at its place', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const getter = Object.defineProperty({}, 'x', { enumerable: true, get: () => { throw new Error('no') } }) // prettier-ignore
  expect(copied({ getter, proxy }).issues).toEqual(['getter: cannot be read: a getter, or a proxy, throws', 'proxy: cannot be read: a getter, or a proxy, throws'])
})

test('an object of many keys is copied as one of few: its keys in order, its own, and a plain object', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string(), { minLength: 55, maxLength: 80 }), (keys) => {
    const value = Object.fromEntries(keys.filter((key) => key !== '__proto__').map((key, index) => [key, { index }]))
    const copy = copyIfPlain(value) as typeof value
    expect(copy).toStrictEqual(value)
    expect(Object.keys(copy)).toEqual(Object.keys(value))
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  }))
})
