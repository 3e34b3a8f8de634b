import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRegistry, defineTask, type TaskContext } from '@track-orchestrator/registry'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { RunEvent } from '../log/run-event.ts'
import { createJournal, type Journal } from '../journal/journal.ts'
import { createRunner } from './create-runner.ts'

const text = z.object({ text: z.string() })
const retry = { maxAttempts: 2, minDelayMs: 1 }
const tasks = defineRegistry({
  speak: defineTask({ name: 'speak', input: text, output: text, retry, expectedCost: ({ text: said }) => ({ amount: said.length, unit: 'characters' }) }),
  think: defineTask({ name: 'think', input: text, output: text, retry }),
  cut: defineTask({ name: 'cut', input: text, output: text, retry, expectedCost: 'none' }),
  both: defineTask({ name: 'both', input: text, output: text, retry }),
})
/** Steps that fail are named. */
let failing: string[] = []
const handlers = {
  speak: (input: { text: string }, { cost, taskName }: TaskContext) => {
    cost({ amount: input.text.length, unit: 'characters' })
    if (failing.includes(taskName)) throw new Error('away')
    return input
  },
  think: (input: { text: string }, { cost, attempt, taskName }: TaskContext) => {
    cost({ amount: 0.1, unit: 'tokens' })
    cost({ amount: 0.2, unit: 'tokens' })
    if (failing.includes(taskName) && attempt === 1) throw new Error('away')
    return input
  },
  cut: (input: { text: string }) => input,
  both: async (input: { text: string }, { runTasks }: TaskContext) => {
    await runTasks([{ task: tasks.speak, input }, { task: tasks.speak, input }])
    return input
  },
}
const step = (taskName: string, id = taskName) => ({ taskName, id })
const flow = (...steps: object[]) => ({ name: 'Flow', tasks: steps as ReturnType<typeof step>[] })
const payload = { tenantId: 't', projectId: 'p', text: 'abcde' }

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'costs-'))))
afterAll(() => rm(folder, { recursive: true }))
const options = { registry: tasks, handlers }
let journals = 0
const newJournal = () => createJournal({ folder: join(folder, String(++journals)) })

test('what handlers pay is added up by step, track and run, items and failed attempts included', async () => {
  failing = ['think']
  const events: RunEvent[] = []
  const runner = createRunner({ ...options, logs: [{ write: (event) => void events.push(event), flush: async () => {} }] })
  const track = flow(step('think'), { ...step('speak', 'each'), forEach: () => [{ text: 'a' }, { text: 'bc' }] }, { ...step('both'), inputMapper: () => ({ text: 'abc' }) })
  const { costs } = await runner.settleTrack(track, payload)
  expect(costs).toEqual({
    total: { tokens: 0.6, characters: 9 },
    reused: {},
    byPath: { Flow: { tokens: 0.6, characters: 9 }, 'Flow/think': { tokens: 0.6 }, 'Flow/each': { characters: 3 }, 'Flow/both': { characters: 6 } },
  })
  const told = events.flatMap((event) => ('costs' in event ? [[event.type, 'path' in event ? event.path : '', event.costs]] : []))
  expect(told).toEqual([
    ['step.succeeded', 'Flow/think', { tokens: 0.6 }],
    ['step.succeeded', 'Flow/each', { characters: 3 }],
    ['step.succeeded', 'Flow/both/0:speak', { characters: 3 }],
    ['step.succeeded', 'Flow/both/1:speak', { characters: 3 }],
    ['step.succeeded', 'Flow/both', { characters: 6 }],
    ['track.succeeded', 'Flow', { tokens: 0.6, characters: 9 }],
    ['run.succeeded', '', { tokens: 0.6, characters: 9 }],
  ])
})

test('units with a price are told in its currency too, by the task where it has a price of its own', async () => {
  failing = []
  const prices = { currency: 'USD', per: { characters: 0.5, tokens: 1, 'think/tokens': 10 } }
  const { costs } = await createRunner({ ...options, prices }).settleTrack(flow(step('think'), step('speak')), payload)
  expect(costs?.total).toEqual({ tokens: 0.3, USD: 5.5, characters: 5 })
})

test('a run that fails tells what it has paid, and resumed it does not pay again for what finished, and says so', async () => {
  failing = ['speak']
  const journal = newJournal()
  const track = flow(step('think'), step('speak'))
  const runner = createRunner({ ...options, journal, tracks: [track] })
  const failed = await runner.settleTrack(track, payload)
  expect(failed).toMatchObject({ status: 'failed', costs: { total: { tokens: 0.3, characters: 10 } } })
  failing = []
  const resumed = await runner.resume(failed.runId)
  expect(resumed).toMatchObject({ status: 'succeeded', costs: { total: { tokens: 0.3, characters: 15 }, reused: { tokens: 0.3 }, byPath: { 'Flow/speak': { characters: 15 }, 'Flow/think': { tokens: 0.3 } } } })
  expect(await runner.resume(failed.runId)).toMatchObject({ costs: { total: { tokens: 0.3, characters: 15 }, reused: { tokens: 0.3, characters: 15 } } })
  expect((await journal.steps(failed.runId)).map(({ step: id, costs }) => [id, costs])).toEqual([['think', { tokens: 0.3 }], ['speak', { characters: 15 }]])
  const forked = await runner.fork(failed.runId, { from: 'speak' })
  expect(forked.costs).toEqual({ total: { characters: 5 }, reused: { tokens: 0.3 }, byPath: { Flow: { characters: 5 }, 'Flow/speak': { characters: 5 } } })
  expect(await journal.list()).toMatchObject([{ costs: { characters: 5 } }, { costs: { tokens: 0.3, characters: 15 } }])
  expect(await journal.costs({ tenantId: 't' })).toEqual({ tokens: 0.3, characters: 20 })
  expect(await journal.costs({ tenantId: 'other' })).toEqual({})
})

test('a run stops before a step that would go beyond its limit, and goes on with a higher one', async () => {
  failing = []
  const track = flow(step('speak', 'first'), step('cut'), step('speak', 'second'))
  const runner = createRunner({ ...options, journal: newJournal(), tracks: [track], limits: { cost: { characters: 9 } } })
  const stopped = await runner.settleTrack(track, payload)
  expect(stopped).toMatchObject({ status: 'failed', error: { code: 'cost/limit_reached', retryable: false, place: { step: 'second' } }, costs: { total: { characters: 5 } } })
  expect((stopped as { error: Error }).error.message).toBe('Step second of Flow was not begun: The run has spent 5 characters of 9 characters, and the step takes 5 characters. Resume it with a higher limit: limits: { cost: { characters: … } }. What has finished is not paid for again.')
  expect(await runner.resume(stopped.runId)).toMatchObject({ status: 'failed', error: { code: 'cost/limit_reached' } })
  expect(await runner.resume(stopped.runId, { limits: { cost: { characters: 10 } } })).toMatchObject({ status: 'succeeded', costs: { total: { characters: 10 } } })
})

test('a step whose cost is not known begins while the limit is not reached, and one that costs nothing always', async () => {
  failing = []
  const runner = createRunner(options)
  const settle = (tokens: number, ...ids: string[]) => runner.settleTrack(flow(step('think', 'a'), step('think', 'b'), ...ids.map((id) => step(id))), payload, { limits: { cost: { tokens } } })
  expect(await settle(0.31, 'cut')).toMatchObject({ status: 'succeeded' })
  expect(await settle(0.3)).toMatchObject({ status: 'failed', error: { place: { step: 'b' } } })
  expect(await settle(0.6, 'think')).toMatchObject({ status: 'failed', error: { place: { step: 'think' } } })
})

test('steps side by side do not go beyond a limit together, and an attempt more is a cost more', async () => {
  failing = []
  const each = flow({ ...step('speak'), forEach: () => [{ text: 'abcd' }, { text: 'abcd' }, { text: 'abcd' }], onItemError: 'continue' })
  const slow = { ...handlers, speak: async (input: { text: string }, context: TaskContext) => (await new Promise((resolve) => setTimeout(resolve, 20)), handlers.speak(input, context)) }
  const { costs } = await createRunner({ ...options, handlers: slow }).settleTrack(each, payload, { limits: { cost: { characters: 10 } } })
  expect(costs?.total).toEqual({ characters: 8 })
  failing = ['speak']
  expect(await createRunner(options).settleTrack(flow(step('speak')), payload, { limits: { cost: { characters: 5 } } })).toMatchObject({ error: { code: 'cost/limit_reached' }, costs: { total: { characters: 5 } } })
})

function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

test('a tenant has a limit over all its runs of a time, and others have their own', async () => {
  failing = []
  const journal = newJournal()
  const track = flow(step('speak'))
  const runner = createRunner({ ...options, journal, tracks: [track], limits: { tenantCost: { characters: 12 }, tenantWindowMs: 60_000 } })
  // Side by side: one that begins while another pays, and reads the journal when that stands in it, counts it once.
  const [began, pay, leave] = [gate(), gate(), gate()]
  const speak = async (input: { text: string }, context: TaskContext) => {
    began.open()
    await pay.opened
    const output = handlers.speak(input, context)
    await leave.opened
    return output
  }
  let beforeReading = () => Promise.resolve()
  const held: Journal = { ...journal, list: async (filter) => (await beforeReading(), journal.list(filter)), costs: async (filter) => (await beforeReading(), journal.costs(filter)) }
  const beside = createRunner({ ...options, handlers: { ...handlers, speak }, journal: held, tracks: [track], limits: { tenantCost: { characters: 12 }, tenantWindowMs: 60_000 } })
  const going = beside.settleTrack(track, payload)
  await began.opened
  beforeReading = async () => {
    pay.open()
    await new Promise((resolve) => setTimeout(resolve, 50))
    leave.open()
  }
  expect(await Promise.all([going, beside.settleTrack(track, payload)])).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }])
  const stopped = await runner.settleTrack(track, payload)
  expect(stopped).toMatchObject({ status: 'failed', error: { code: 'cost/tenant_limit_reached', message: expect.stringContaining('Tenant t has spent 10 characters of 12 characters') as string } })
  expect(await runner.settleTrack(track, { ...payload, tenantId: 'u' })).toMatchObject({ status: 'succeeded' })
  expect(await createRunner({ ...options, journal, tracks: [track], limits: { tenantCost: { characters: 15 } } }).resume(stopped.runId)).toMatchObject({ status: 'succeeded' })
  expect(() => createRunner({ ...options, limits: { tenantCost: { characters: 12 } } })).toThrow(/needs a journal/)
})

test.each([[{ amount: -1, unit: 'USD' }, /amount must be a number from 0 to/], [{ amount: Number.NaN, unit: 'USD' }, /amount must be/], [{ amount: 1, unit: '__proto__' }, /unit must be a unit/], [{ amount: 1 }, /unit is required/], [undefined, /required/]])('%j is no cost, and is refused', async (cost, message) => {
  const told = { ...handlers, cut: (input: { text: string }, context: TaskContext) => (context.cost(cost as never), input) }
  expect(await createRunner({ ...options, handlers: told }).settleTrack(flow(step('cut')), payload)).toMatchObject({ status: 'failed', error: { code: 'definition_invalid', message: expect.stringMatching(message) as string } })
  expect(() => createRunner({ ...options, limits: { cost: { characters: -1 } } })).toThrow(/limits.*characters must be/)
  expect(() => createRunner({ ...options, prices: { currency: 'USD', per: { USD: 1 } } })).toThrow(/left out/)
})
