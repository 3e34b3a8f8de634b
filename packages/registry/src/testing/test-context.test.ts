import { z } from 'zod'
import { expect, test } from 'vitest'
import { defineTask } from '../task-contract.ts'
import { createTestContext } from './test-context.ts'

const double = defineTask({ name: 'double', input: z.object({ n: z.number().default(1) }), output: z.object({ n: z.number() }) })

test('A test context runs other tasks with parsed inputs and outputs, in order, as many at once as asked', async () => {
  let running = 0
  let most = 0
  const handlers = {
    double: async ({ n }: { n: number }) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 10 - n))
      running--
      return { n: n * 2, extra: 'left out' }
    },
  }
  const calls = [{ n: 3 }, {}, { n: 5 }].map((input) => ({ task: double, input }))
  expect(await createTestContext({ handlers }).runTasks(calls, { concurrency: 2 })).toEqual([{ n: 6 }, { n: 2 }, { n: 10 }])
  expect(most).toBe(2)
})

test('A test context throws the first failure when all calls have ended', async () => {
  let ended = 0
  const handlers = {
    double: async ({ n }: { n: number }) => {
      ended++
      if (n < 3) throw new Error(`failed on ${n}`)
      return { n }
    },
  }
  const calls = [3, 1, 2].map((n) => ({ task: double, input: { n } }))
  await expect(createTestContext({ handlers }).runTasks(calls)).rejects.toThrow('failed on 1')
  expect(ended).toBe(3)
})

test('A test context says so when a task has no handler', async () => {
  await expect(createTestContext().runTasks([{ task: double, input: {} }])).rejects.toMatchObject({ code: 'handler_missing' })
})

test('A test context remembers progress and lines', () => {
  const context = createTestContext({ taskName: 'x', tenantId: 't' })
  context.progress(0.5, 'half')
  context.log.warn('careful', { n: 1 })
  expect(context).toMatchObject({ taskName: 'x', tenantId: 't', progressed: [{ fraction: 0.5, note: 'half' }], logged: [{ level: 'warn', message: 'careful', fields: { n: 1 } }] })
})
