import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createParser } from './parse.ts'

/** Schemas of every kind that can cross, with and without code, as deep as they come. */
const schemas = fc.letrec<{ schema: z.ZodType }>((tie) => {
  const inner = tie('schema')
  const withCode = (schema: z.ZodType, kind: number): z.ZodType =>
    [schema.refine((value) => value !== 'no'), schema.superRefine((value, context) => { if (value === 'x') context.addIssue('no x') }), schema.transform((value) => value), z.preprocess((value) => value, schema), schema.refine(async (value) => Promise.resolve(value !== 1))][kind]!
  return {
    schema: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.constantFrom<() => z.ZodType>(() => z.string(), () => z.number(), () => z.boolean(), () => z.null(), () => z.any(), () => z.unknown(), () => z.literal(['a', 1]), () => z.enum(['a', 'b']), () => z.coerce.number(), () => z.string().trim()).map((make) => make()),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), inner, { minKeys: 1 }).map((shape) => z.object(shape)),
      fc.dictionary(fc.constantFrom('a', 'b'), inner).map((shape) => z.looseObject(shape)),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), inner.map((schema) => schema.optional())).map((shape) => z.strictObject(shape)),
      inner.map((schema) => z.array(schema)),
      fc.tuple(inner, inner).map(([first, rest]) => z.tuple([first], rest)),
      inner.map((schema) => z.record(z.string(), schema)),
      fc.tuple(inner, inner).map((options) => z.union(options)),
      fc.tuple(inner, inner).map(([first, second]) => z.discriminatedUnion('k', [z.object({ k: z.literal('a'), v: first }), z.object({ k: z.literal('b'), v: second })])),
      inner.map((schema) => schema.nullable()),
      inner.map((schema) => schema.readonly()),
      inner.map((schema) => schema.catch({ caught: [1] } as never)),
      inner.map((schema) => z.lazy(() => schema)),
      inner.map((schema) => schema.pipe(z.any())),
      fc.tuple(inner, fc.nat({ max: 4 })).map(([schema, kind]) => withCode(schema, kind)),
    ),
  }
}).schema

const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constantFrom<unknown>('a', 'x', 'no', ' b ', 1, 0, '7', true, null),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'k', 'v', 'z'), tie('value')),
    fc.record({ k: fc.constantFrom('a', 'b'), v: tie('value') }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).value

/** What there is after a way through JSON, or that it was refused. */
const outcomeOf = async (run: () => unknown): Promise<unknown> => {
  try {
    const parsed = await run()
    return hasHole(parsed) ? 'refused' : { parsed: JSON.stringify(parsed) }
  } catch {
    return 'refused'
  }
}

test('what is parsed is what zod itself makes of it, whatever the schema, and has no part in what went in', async () => {
  await fc.assert(fc.asyncProperty(schemas, values, async (schema, given) => {
    const before = JSON.stringify(given)
    for (const side of ['input', 'output'] as const) {
      const parse = createParser(schema, 'T', side)
      const expected = await outcomeOf(async () => schema.parseAsync(structuredClone(given)))
      for (let time = 0; time < 2; time++) {
        expect(await outcomeOf(() => parse(given))).toEqual(expected)
        await Promise.resolve().then(() => parse(given)).then(spoil, () => {})
        expect(JSON.stringify(given)).toBe(before)
      }
    }
  }), { numRuns: 300 })
})

/** `undefined` in a list: zod makes it of `[]` for a tuple of anything. JSON cannot say it. */
function hasHole(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Array.isArray(value) ? value.some((item) => item === undefined || hasHole(item)) : Object.values(value).some(hasHole)
}

/** Changes everything in it that can be changed. */
function spoil(made: unknown): void {
  if (typeof made !== 'object' || made === null || Object.isFrozen(made)) return
  for (const inner of Object.values(made)) spoil(inner)
  if (Array.isArray(made)) made.push('spoilt')
  else (made as Record<string, unknown>).spoilt = true
}
