import { defineRegistry, defineTask, type TaskHandlers } from '@track-orchestrator/registry'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

const number = z.object({ n: z.number() })

export const tasks = defineRegistry({
  add: defineTask({ name: 'add', input: number, output: number }),
  nap: defineTask({ name: 'nap', input: z.object({ ms: z.number() }), output: z.object({ ms: z.number() }) }),
})

export const handlers: TaskHandlers<typeof tasks> = {
  add: ({ n }) => ({ n: n + 1 }),
  nap: async ({ ms }) => {
    await delay(ms)
    return { ms }
  },
}
