import { defineRegistry, defineTask, TerminalError } from '@track-orchestrator/registry'
import { unlessAborted } from '@track-orchestrator/registry/waiting'
import { z } from 'zod'
import { createJournal, createRunner } from '../in-process/index.ts'
import { forRegistry } from '../typed/for-registry.ts'

/** What a test says of the tale. */
export interface Tale {
  /** Where its journal lies. Without it there is none. */
  readonly folder?: string
  /** Told of every piece of work as it is done, by the path of its call. */
  readonly done: (path: string) => void
  /** Tasks that fail for good. */
  readonly failing?: ReadonlySet<string>
  /** The first step waits for it, unless it is told to stop. */
  readonly held?: Promise<void>
  /** Changes what a mapper makes. */
  readonly offset?: number
  /** Characters that outputs carry along. */
  readonly padding?: number
  /** The runner is not told the definition. */
  readonly unnamed?: boolean
}

const value = z.object({ value: z.number(), pad: z.string().default('') })
const tasks = defineRegistry({
  list: defineTask({ name: 'list', input: z.object({ size: z.number() }), output: z.object({ items: z.array(value) }), retry: { maxAttempts: 1 } }),
  double: defineTask({ name: 'double', input: z.object({ value: z.number(), at: z.string() }), output: value, retry: { maxAttempts: 1 } }),
  fan: defineTask({ name: 'fan', input: z.object({ size: z.number() }), output: value, retry: { maxAttempts: 1 } }),
  sum: defineTask({ name: 'sum', input: z.object({ values: z.array(z.number()) }), output: z.object({ sum: z.number() }), retry: { maxAttempts: 1 } }),
})

/** A flow with every kind of call: steps, items, tasks that a handler asks for, a final task. */
export function createTale({ folder, done, failing = new Set(), held, offset = 0, padding = 0, unnamed = false }: Tale) {
  const { defineTrack, defineOrchestrator } = forRegistry(tasks)
  const left = defineTrack({
    name: 'Left',
    input: z.object({ size: z.number() }),
    tasks: [{ taskName: 'list' }, { taskName: 'double', forEach: 'items', concurrency: 2, inputMapper: (item, index) => ({ value: item.value + offset, at: `Tale/Left/double[${index}]` }) }],
  })
  const right = defineTrack({ name: 'Right', tasks: [{ taskName: 'fan' }] })
  const orchestrator = defineOrchestrator({
    name: 'Tale',
    input: z.object({ size: z.number() }),
    tracks: [left, right],
    finalTask: { taskName: 'sum', inputMapper: ({ Left, Right }) => ({ values: [...Left.map((item) => item.value), Right.value] }) },
  })
  const work = (task: string, path: string) => {
    if (failing.has(task)) throw new TerminalError(`${task} is broken`)
    done(path)
  }
  const pad = 'x'.repeat(padding)
  const journal = folder === undefined ? undefined : createJournal({ folder })
  const runner = createRunner({
    registry: tasks,
    ...(journal && { journal }),
    orchestrators: unnamed ? [] : [orchestrator],
    handlers: {
      list: async ({ size }, { signal }) => {
        if (held) await unlessAborted(held, signal)
        work('list', 'Tale/Left/list')
        return { items: Array.from({ length: size }, (_, index) => ({ value: index + 1, pad })) }
      },
      double: ({ value: given, at }) => {
        work('double', at)
        return { value: given * 2, pad }
      },
      fan: async ({ size }, { runTasks }) => {
        const calls = Array.from({ length: size }, (_, index) => ({ task: tasks.double, input: { value: 10, at: `Tale/Right/fan/${index}:double` } }))
        const doubled = await runTasks(calls, { concurrency: 1 })
        work('fan', 'Tale/Right/fan')
        return { value: doubled.reduce((sum, item) => sum + item.value, 0) }
      },
      sum: ({ values }) => {
        work('sum', 'Tale/final:sum')
        return { sum: values.reduce((sum, one) => sum + one, 0) }
      },
    },
  })
  return { runner, orchestrator, journal: journal! }
}

/** What the tale comes to. */
export const taleOutput = (size: number) => ({ sum: size * (size + 1) + size * 20 })
