import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { readInput, valueOf } from './read-input.ts'
import { describeShape, shapeOf, type Runnable } from './schema-places.ts'

const order = z.object({
  id: z.string().optional(),
  note: z.string().nullish(),
  ref: z.union([z.string(), z.number()]).optional(),
  pay: z.discriminatedUnion('kind', [z.object({ kind: z.literal('card'), number: z.string() }), z.object({ kind: z.literal('cash'), cents: z.int() })]).optional(),
  address: z.object({ zip: z.string(), country: z.enum(['DE', 'US']).default('DE') }).optional(),
  lines: z.array(z.object({ sku: z.string(), count: z.int().default(1) })).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  point: z.tuple([z.number(), z.string()]).optional(),
  sizes: z.array(z.enum(['S', 'L'])).optional(),
  extra: z.looseObject({ a: z.string().optional() }).optional(),
  none: z.object({}).optional(),
  anything: z.looseObject({}).optional(),
})
const registry = defineRegistry({ order: defineTask({ name: 'order', input: order, output: z.object({}) }) })
const runnable: Runnable = { kind: 'task', name: 'order' }
const read = (...pairs: string[]) => readInput({ folder: '.', stdin: process.stdin }, undefined, pairs, registry, runnable)

test.each<[string[], object]>([
  [['note=34'], { note: '34' }],
  [['note=null'], { note: null }],
  [['ref=5'], { ref: 5 }],
  [['ref=a5'], { ref: 'a5' }],
  [['pay.kind=card', 'pay.number=4111'], { pay: { kind: 'card', number: '4111' } }],
  [['pay.kind=cash', 'pay.cents=3'], { pay: { kind: 'cash', cents: 3 } }],
  [['labels.zip=01234', 'labels["x y"]=7'], { labels: { zip: '01234', 'x y': '7' } }],
  [['labels["a=b"]=c=d', 'labels["]="]=["="]'], { labels: { 'a=b': 'c=d', ']=': '["="]' } }],
  [['point[0]=1', 'point[1]=2'], { point: [1, '2'] }],
  [['extra.anyKey=1', 'extra.a=1'], { extra: { anyKey: 1, a: '1' } }],
  [['extra.id=12345678901234567890'], { extra: { id: '12345678901234567890' } }],
])('%j is %j: a text where the schema takes one and nothing else that it could be', async (pairs, input) => {
  expect(await read(...pairs)).toEqual(input)
})

test.each([
  [['address.contry=US', 'address.zip=1'], 'There is no input "address.contry". Did you mean "country"?'],
  [['lines=[{"sku":"a"},{"sku":"b","cuont":3}]'], 'There is no input "lines[1].cuont". Did you mean "count"?'],
  [['pay.knid=card'], 'There is no input "pay.knid". Did you mean "kind"?'],
])('%j names a key that nobody reads, which the schema would drop without a word', async (pairs, message) => {
  await expect(read(...pairs)).rejects.toThrow(message)
})

test('what an input takes is told in a few words: unions, lists, places, free keys', () => {
  expect(describeShape(shapeOf(order)!)).toBe('{ id?: string, note?: string | null, ref?: string | number, pay?: { kind: "card", number: string } | { kind: "cash", cents: integer }, address?: { zip: string, country?: "DE" | "US" }, lines?: { … }[], labels?: { [key]: string }, point?: [number, string], sizes?: ("S" | "L")[], extra?: { a?: string, … }, none?: {}, anything?: { … } }')
})

test('what a schema says nothing of is JSON where it is such', () => {
  expect(['1', 'true', '{"a":[1]}', 'a', '', '12345678901234567890', '007'].map((said) => valueOf(said, []))).toEqual([1, true, { a: [1] }, 'a', '', '12345678901234567890', '007'])
})
