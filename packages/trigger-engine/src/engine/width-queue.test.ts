import type { TaskCall } from '@track-orchestrator/core'
import type { TaskPlacement } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { widthOptions, widthsOf } from './width-queue.ts'

const call = (path: string, placement?: TaskPlacement) => ({ runId: 'run_1', walkId: 'run_1', path, contract: { name: 't', placement } }) as TaskCall
const limits = { style: 'queues', ofQueues: new Map<string, number>(), widths: widthsOf([{ name: 'T', tasks: [{ taskName: 't', forEach: 'items', concurrency: 7 }, { taskName: 't', concurrency: 250 }] }]) } as const

test('a fan-out takes the queue of its width, or the next narrower one, and a key of its own', () => {
  expect([1, 7, 9, 250, 1_000].map((concurrency) => widthOptions([call('T/a[0]'), call('T/a[1]')], concurrency, limits)?.queue)).toEqual(
    [1, 7, 8, 250, 250].map((width) => `track-orchestrator-width-${width}`),
  )
  const keys = [[call('T/a[0]')], [call('T/b[0]')], [call('T/a[0]'), call('T/a[1]')]].map((calls) => widthOptions(calls, 2, limits)?.concurrencyKey)
  expect(keys[0]).toBe(keys[2])
  expect(keys[0]).not.toBe(keys[1])
})

test.each<TaskPlacement>([{ queue: { name: 'ours' } }, { queue: { concurrencyLimit: 3 } }, { concurrencyKey: 'tenantId' }])('a task of %o stays where it is', (placement) => {
  expect(widthOptions([call('T/a[0]', placement), call('T/a[1]', placement)], 2, limits)).toBeUndefined()
  expect(widthOptions([call('T/a[0]'), call('T/a[1]', placement)], 2, limits)).toBeUndefined()
})

test('where a task has a queue that lets no more go on, that is the limit: also a shared one whose limit is said elsewhere', () => {
  const inOwn = (queue: NonNullable<TaskPlacement['queue']>, concurrency: number) => widthOptions([call('T/a[0]', { queue, concurrencyKey: 'tenantId' }), call('T/a[1]', { queue, concurrencyKey: 'tenantId' })], concurrency, { ...limits, ofQueues: new Map([['shared', 2]]) })
  expect([inOwn({ concurrencyLimit: 2 }, 2), inOwn({ name: 'shared' }, 5)]).toEqual([{ ttl: '14d' }, { ttl: '14d' }])
  expect([inOwn({ concurrencyLimit: 3 }, 2), inOwn({ name: 'shared' }, 1)]).toEqual([undefined, undefined])
})

test('where limits are those of tasks, a fan-out takes the named limit of its width, or the own one of its task where that is as narrow', () => {
  const asTasks = { ...limits, style: 'tasks' } as const
  const calls = [call('T/a[0]'), call('T/a[1]')]
  expect(widthOptions(calls, 9, asTasks)).toEqual({ concurrency: 'track-orchestrator-width-8', concurrencyKey: expect.stringMatching(/^[\da-f]{32}$/) as string, ttl: '14d' })
  const own = (concurrency: { perKey?: number; total?: number }) => widthOptions(calls, 9, asTasks, new Map([['t', { concurrency }]]))
  expect([own({ perKey: 10 }), own({ perKey: 9 }), own({ perKey: 10, total: 4 })]).toEqual([undefined, { ttl: '14d' }, { ttl: '14d' }])
})
