import type { TaskCall } from '@track-orchestrator/core'
import type { TaskPlacement } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { widthOptions, widthsOf } from './width-queue.ts'

const call = (path: string, placement?: TaskPlacement) => ({ runId: 'run_1', walkId: 'run_1', path, contract: { name: 't', placement } }) as TaskCall
const limits = { style: 'queues', widths: widthsOf([{ name: 'T', tasks: [{ taskName: 't', forEach: 'items', concurrency: 7 }, { taskName: 't', concurrency: 250 }] }]) } as const

test('a fan-out takes the queue of its width, or the next narrower one, and a key of its own', () => {
  expect([1, 7, 9, 250, 1_000].map((concurrency) => widthOptions([call('T/a[0]'), call('T/a[1]')], concurrency, limits)?.queue)).toEqual(
    [1, 7, 8, 250, 250].map((width) => `track-orchestrator-width-${width}`),
  )
  const keys = [[call('T/a[0]')], [call('T/b[0]')], [call('T/a[0]'), call('T/a[1]')]].map((calls) => widthOptions(calls, 2, limits)?.concurrencyKey)
  expect(keys[0]).toBe(keys[2])
  expect(keys[0]).not.toBe(keys[1])
})

test.each<TaskPlacement>([{ queue: { name: 'ours' } }, { queue: { concurrencyLimit: 2 } }, { concurrencyKey: 'tenantId' }])('a task of %o stays where it is', (placement) => {
  expect(widthOptions([call('T/a[0]'), call('T/a[1]', placement)], 2, limits)).toBeUndefined()
})

test('where limits are those of tasks, a fan-out takes the named limit of its width; a task with a limit of its own stays where it is', () => {
  const asTasks = { ...limits, style: 'tasks' } as const
  expect(widthOptions([call('T/a[0]'), call('T/a[1]')], 9, asTasks)).toEqual({ concurrency: 'track-orchestrator-width-8', concurrencyKey: expect.stringMatching(/^[\da-f]{32}$/) as string, ttl: '14d' })
  expect(widthOptions([call('T/a[0]'), call('T/a[1]')], 9, asTasks, () => true)).toBeUndefined()
})
