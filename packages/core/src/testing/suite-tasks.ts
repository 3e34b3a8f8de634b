import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { defineRegistry, defineTask, ProviderError, TerminalError, type TaskHandlers } from '@track-orchestrator/registry'
import { z } from 'zod'
import { edgeHandlers, edgeTasks } from './edge-tasks.ts'
import { goingOnHandlers, goingOnTasks } from './going-on-story.ts'
import { payingHandlers, payingTasks } from './paying-tasks.ts'

// The tasks of the engine suite. An engine may run them in another process: whoever wants to know how often a handler ran
// reads the journal, a file that each handler adds a line to.

const journal = z.string().optional()

const echo = defineTask({
  name: 'suite_echo',
  description: 'Answers what it was given, and what stood in its context.',
  input: z.object({ value: z.json(), journal }),
  output: z.object({
    value: z.json(),
    seen: z.object({ tenantId: z.string(), projectId: z.string(), userId: z.string().nullable(), trampData: z.json(), attempt: z.int() }),
  }),
})

const add = defineTask({
  name: 'suite_add',
  input: z.object({ n: z.number(), by: z.number().default(1), journal }),
  output: z.object({ n: z.number(), journal }),
})

const list = defineTask({
  name: 'suite_list',
  input: z.object({ count: z.int().min(0) }),
  output: z.object({ items: z.array(z.object({ n: z.number() })) }),
})

const fail = defineTask({
  name: 'suite_fail',
  description: 'Fails on its first attempts, in the way it is told.',
  input: z.object({ failures: z.int().min(0).default(1_000), how: z.enum(['unknown', 'terminal', 'provider', 'output']).default('unknown'), journal }),
  output: z.object({ attempt: z.int(), deep: z.object({ list: z.array(z.number()) }).optional() }),
  retry: { maxAttempts: 3, minDelayMs: 1, maxDelayMs: 5 },
})

const sleep = defineTask({
  name: 'suite_sleep',
  description: 'Sleeps, unless it is stopped; writes down when it began, ended or was stopped.',
  input: z.object({ ms: z.int().min(0), name: z.string().default(''), journal }),
  output: z.object({ name: z.string(), startedAt: z.number(), endedAt: z.number() }),
  retry: { maxAttempts: 1 },
})

const fanOut = defineTask({
  name: 'suite_fan_out',
  description: 'Has other tasks do the work, and adds up what they answer.',
  input: z.object({ count: z.int().min(0), concurrency: z.int().min(1).optional(), failAt: z.int().optional(), journal }),
  output: z.object({ sum: z.number(), order: z.array(z.number()) }),
  retry: { maxAttempts: 1 },
})

export const suiteTasks = defineRegistry({
  suite_echo: echo,
  suite_add: add,
  suite_list: list,
  suite_fail: fail,
  suite_sleep: sleep,
  suite_fan_out: fanOut,
  ...edgeTasks,
  ...goingOnTasks,
  ...payingTasks,
})
export type SuiteTasks = typeof suiteTasks

const note = (file: string | undefined, line: string) => {
  if (file !== undefined) appendFileSync(file, `${line}\n`)
}

export const suiteHandlers: TaskHandlers<SuiteTasks> = {
  ...edgeHandlers,
  ...goingOnHandlers,
  ...payingHandlers,
  suite_echo: ({ value, journal: file }, { tenantId, projectId, userId, trampData, attempt }) => {
    note(file, 'echo')
    return { value, seen: { tenantId, projectId, userId: userId ?? null, trampData: (trampData ?? null) as null, attempt } }
  },
  suite_add: ({ n, by, journal: file }) => {
    note(file, `add ${n}`)
    return { n: n + by, ...(file !== undefined && { journal: file }) }
  },
  suite_list: ({ count }) => ({ items: Array.from({ length: count }, (_, n) => ({ n })) }),
  suite_fail: ({ failures, how, journal: file }, { attempt }) => {
    note(file, `fail ${attempt}`)
    if (attempt > failures) return { attempt }
    if (how === 'terminal') throw new TerminalError('this will never work', { code: 'suite/never' })
    if (how === 'provider') throw new ProviderError('the service is away', { provider: 'Suite', status: 503, retryAfterMs: 2 })
    if (how === 'output') return { attempt, deep: { list: [1, 'two' as unknown as number] } }
    throw new Error('an error of its own')
  },
  suite_sleep: async ({ ms, name, journal: file }, { signal }) => {
    const startedAt = Date.now()
    note(file, `begin ${name}`)
    try {
      await delay(ms, undefined, { signal })
    } catch (error) {
      note(file, `stopped ${name}`)
      throw error
    }
    note(file, `end ${name}`)
    return { name, startedAt, endedAt: Date.now() }
  },
  suite_fan_out: async ({ count, concurrency, failAt, journal: file }, { runTasks }) => {
    note(file, 'fan out')
    const inputs = Array.from({ length: count }, (_, n) => ({ n, by: n === failAt ? ('much' as unknown as number) : 100 }))
    const outputs = await runTasks(
      inputs.map((input) => ({ task: add, input })),
      concurrency === undefined ? {} : { concurrency },
    )
    return { sum: outputs.reduce((sum, { n }) => sum + n, 0), order: outputs.map(({ n }) => n) }
  },
}
