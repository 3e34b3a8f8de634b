import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { lifecycleHooks } from '@trigger.dev/core/v3'
import { StandardLifecycleHooksManager } from '@trigger.dev/core/v3/workers'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createTriggerWorker } from './create-trigger-worker.ts'

// As a worker's process does before it loads the tasks.
beforeAll(() => void lifecycleHooks.setGlobalLifecycleHooksManager(new StandardLifecycleHooksManager()))

const inline = { inline: true } as const
const side = { input: z.any(), output: z.any() }
const light = defineTask({ name: 'light', ...side, placement: inline })
const heavy = defineTask({ name: 'heavy', ...side, timeoutMs: 1_000 })
const timed = defineTask({ name: 'timed', ...side, timeoutMs: 1_000, placement: inline })
const handlers = { light: () => 1, heavy: () => 1, timed: () => 1 }
const one = (name: string, ...steps: object[]) => ({ name, tasks: steps as { readonly taskName: string }[] })
const hooked = (names: readonly string[]) => names.filter((name) => lifecycleHooks.getTaskWaitHook(name) !== undefined)

test('of runs that walk, only those in which a task with a time limit may run have hooks around their waits', () => {
  createTriggerWorker({
    registry: defineRegistry({ light, heavy }),
    handlers,
    tracks: [one('Remote', { taskName: 'heavy' }), one('Light', { taskName: 'light' }), one('Limited', { taskName: 'light', timeoutMs: 5 }), one('Outer', { track: one('Inner', { taskName: 'light', timeoutMs: 5 }) })],
    orchestrators: [{ name: 'Plain', tracks: [one('Part', { taskName: 'light', timeoutMs: 5 })] }, { name: 'Ends', tracks: [one('Other', { taskName: 'heavy' })], finalTask: { taskName: 'light' } }],
  })
  expect(hooked(['heavy', 'Remote', 'Light', 'Limited', 'Outer', 'Inner', 'Plain', 'Part', 'Ends'])).toEqual(['heavy', 'Limited', 'Outer', 'Inner', 'Part'])
})

test('what an inline task asks for may have a time limit where some task has one that may be inline', () => {
  createTriggerWorker({ registry: defineRegistry({ light, timed, heavy }), handlers, tracks: [one('Asks', { taskName: 'light' }), one('AsksNot', { taskName: 'heavy' })] })
  expect(hooked(['Asks', 'AsksNot'])).toEqual(['Asks'])
})
