import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRegistry, defineTask, type ExpectedCost, type TaskContext } from '@track-orchestrator/registry'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createJournal, createRunner } from './index.ts'

// Costs, prices and expectations as people get them wrong.

const some = z.object({ n: z.number() })
const payload = { tenantId: 't', projectId: 'p', n: 1 }
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'odd-costs-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs one task whose expectation is this, under a limit. */
function runExpecting(expectedCost: unknown) {
  let attempts = 0
  const tasks = defineRegistry({ pay: defineTask({ name: 'pay', input: some, output: some, retry: { maxAttempts: 2, minDelayMs: 1 }, expectedCost: expectedCost as ExpectedCost }) })
  const runner = createRunner({ registry: tasks, handlers: { pay: (input) => (attempts++, input) } })
  return runner.settleSingleTask('pay', payload, { limits: { cost: { c: 10 } } }).then((result) => ({ result, attempts: () => attempts }))
}

test.each([
  ['throws', () => { throw new Error('no rate') }, 'expectedCost of pay threw: no rate'], // prettier-ignore
  ['rejects', async () => { throw new Error('no rate') }, 'expectedCost of pay answered a promise, which is not awaited'], // prettier-ignore
  ['answers a promise', async () => ({ amount: 1, unit: 'c' }), 'expectedCost of pay answered a promise, which is not awaited'],
  ['gives less than nothing', () => ({ amount: -50, unit: 'c' }), 'amount must be a number from 0 to 9,007,199,254,740,991, not -50'],
  ['gives no number', () => ({ amount: Number.NaN, unit: 'c' }), 'not NaN'],
  ['gives an odd unit', () => [{ amount: 1, unit: 'a/b' }], 'unit must be a unit of 1-60 letters'],
])('an expectation that %s fails the step for good, and says so', async (_what, expectedCost, message) => {
  const { result, attempts } = await runExpecting(expectedCost)
  expect(result).toMatchObject({ status: 'failed', error: { code: 'cost/expectation_failed', retryable: false, message: expect.stringContaining(message) as string, place: { step: 'pay', attempt: 1 } } })
  expect(attempts()).toBe(0)
})

test('what an expectation changes in its input, the handler does not see', async () => {
  const { result } = await runExpecting((input: { n: number }) => ({ amount: ++input.n, unit: 'c' }))
  expect(result).toMatchObject({ status: 'succeeded', output: { n: 1 } })
})

const tasks = defineRegistry({ pay: defineTask({ name: 'pay', input: some, output: some, retry: { maxAttempts: 1 } }) })
const create = (more: object, pay: (input: { n: number }, context: TaskContext) => { n: number } = (input) => input) => createRunner({ registry: tasks, handlers: { pay }, ...more })

test('amounts and prices whose sums no number could hold are refused', async () => {
  const paying = (amount: number) => create({}, (input, { cost }) => (cost({ amount, unit: 'c' }), input)).settleSingleTask('pay', payload)
  expect(await paying(1e308)).toMatchObject({ status: 'failed', error: { code: 'definition_invalid', message: 'pay: context.cost: amount must be a number from 0 to 9,007,199,254,740,991, not 1e+308.' } })
  expect(await paying(Number.MAX_SAFE_INTEGER)).toMatchObject({ status: 'succeeded' })
  expect(() => create({ prices: { currency: 'USD', per: { c: 1e308 } } })).toThrow('prices.per.c must be a number from 0 to 9,007,199,254,740,991')
})

test.each([
  ['of a unit that is none', { currency: 'USD', per: { 'a b': 1 } }, 'prices.per: "a b" is no unit'],
  ['in a currency that is no unit', { currency: 'constructor', per: {} }, 'prices.currency must be a unit'],
  ['of a task that is not there', { currency: 'USD', per: { 'pays/c': 1 } }, 'prices.per["pays/c"]: the registry has no such task. Did you mean "pay"?'],
])('a price %s is refused, for it would never count', (_what, prices, message) => {
  expect(() => create({ prices })).toThrow(message)
})

test('a time for what tenants may spend says nothing without a limit', () => {
  expect(() => create({ journal: createJournal({ folder }), limits: { tenantWindowMs: 5 } })).toThrow('limits.tenantWindowMs says nothing without limits.tenantCost')
})

test('a handler that reports a cost after its run has ended is not told that the journal is broken, and the journal is not', async () => {
  const journal = createJournal({ folder: join(folder, 'late') })
  let late: TaskContext['cost'] = () => {}
  const runner = create({ journal }, (input, { cost }) => ((late = cost), input))
  await runner.runSingleTask('pay', payload, { runId: 'r' })
  expect(() => late({ amount: 1, unit: 'c' })).not.toThrow()
  expect(await runner.resume('r', { force: ['pay'] })).toMatchObject({ status: 'succeeded' })
})
