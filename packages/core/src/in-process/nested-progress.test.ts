import { defineRegistry, defineTask, type TasksProgress } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { RunEvent } from '../log/run-event.ts'
import { createRunner } from './create-runner.ts'

const leaf = defineTask({ name: 'leaf', input: z.object({ n: z.number() }), output: z.object({}) })
const work = defineTask({ name: 'work', input: z.object({}), output: z.object({}), retry: { maxAttempts: 1 } })
const registry = defineRegistry({ leaf, work })

/** Three leaves, one after the other, each of which says that it is half done. */
function runWork(onProgress: (progress: TasksProgress) => void) {
  const events: RunEvent[] = []
  const runner = createRunner({
    registry,
    logs: [{ write: (event) => void events.push(event), flush: () => Promise.resolve() }],
    handlers: {
      leaf: (_input, { progress }) => {
        progress(0.5)
        return {}
      },
      work: async (_input, { runTasks, progress }) => {
        await runTasks([1, 2, 3].map((n) => ({ task: leaf, input: { n } })), {
          concurrency: 1,
          onProgress: (state) => {
            onProgress(state)
            progress(state.fraction, `${state.ended} of 3`)
          },
        })
        return {}
      },
    },
  })
  return { events, done: runner.runSingleTask('work', { tenantId: 't', projectId: 'p' }) }
}

test('a handler is told how far its own tasks are, by what they tell themselves and as they end', async () => {
  const told: TasksProgress[] = []
  const { events, done } = runWork((state) => told.push(state))
  await done
  expect(told.map(({ ended }) => ended)).toEqual([0, 1, 1, 2, 2, 3])
  expect(told.map(({ fraction }) => Math.round(fraction * 6))).toEqual([1, 2, 3, 4, 5, 6])
  const own = events.flatMap((event) => (event.type === 'step.progress' && !event.nested ? [event.note] : []))
  expect(own).toEqual(['0 of 3', '1 of 3', '1 of 3', '2 of 3', '2 of 3', '3 of 3'])
})

test('a listener that throws fails its handler when the tasks have ended, and no task', async () => {
  const { events, done } = runWork(() => {
    throw new Error('the listener is wrong')
  })
  await expect(done).rejects.toThrow('the listener is wrong')
  expect(events.filter((event) => event.type === 'step.succeeded' && event.nested)).toHaveLength(3)
})
