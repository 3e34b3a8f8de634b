import { defineRegistry, defineTask, DefinitionError } from '@track-orchestrator/registry'
import { resourceCatalog } from '@trigger.dev/core/v3'
import { StandardResourceCatalog } from '@trigger.dev/core/v3/workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { createTriggerWorker } from './create-trigger-worker.ts'
import { limitStyleFor } from './limits.ts'

const contract = <const Name extends string>(name: Name) => defineTask({ name, input: z.object({}), output: z.object({}) })
const registry = defineRegistry({ first: contract('first'), second: contract('second'), own: contract('own'), free: contract('free') })
const handler = () => ({})

beforeEach(() => {
  resourceCatalog.setGlobalResourceCatalog(new StandardResourceCatalog())
  resourceCatalog.setCurrentFileContext('tasks.ts', 'tasks')
})
afterEach(() => {
  resourceCatalog.disable()
  vi.restoreAllMocks()
})

/** What the real command would tell the server of the limits. */
function declared(options: object) {
  createTriggerWorker({
    registry,
    handlers: { first: handler, second: handler, own: handler, free: handler },
    overrides: { first: { queue: { name: 'shared' } }, second: { queue: { name: 'shared', concurrencyLimit: 2 } }, own: { queue: { concurrencyLimit: 5 }, concurrencyKey: 'tenantId' } },
    ...options,
  })
  const isOurs = ({ name }: { readonly name: string }) => !name.startsWith('track-orchestrator-width-') || name.endsWith('-7') || name.endsWith('-8')
  return {
    tasks: Object.fromEntries(resourceCatalog.listTaskManifests().map(({ id, queue, concurrency }) => [id, { queue, concurrency }])),
    queues: resourceCatalog.listQueueManifests().map(({ name, concurrencyLimit }) => ({ name, concurrencyLimit })).filter(isOurs),
    limits: resourceCatalog.listConcurrencyLimitManifests().map(({ name, perKey, total }) => ({ name, perKey, total })).filter(isOurs),
  }
}

test('unless told of the server, limits stand on queues; said once, that of a shared queue holds for all, whoever comes first', () => {
  const warn = vi.spyOn(console, 'warn')
  const { tasks, queues, limits } = declared({})
  expect(queues).toEqual([{ name: 'track-orchestrator-width-8', concurrencyLimit: 8 }, { name: 'shared', concurrencyLimit: 2 }])
  expect(tasks).toMatchObject({ first: { queue: { name: 'shared', concurrencyLimit: 2 } }, own: { queue: { concurrencyLimit: 5 } }, free: { queue: undefined } })
  expect({ limits, warned: warn.mock.calls }).toEqual({ limits: [], warned: [] })
})

test('for a server of 4.7 or later they are limits of tasks, which mean the same: none stands on a queue, none is lost', () => {
  const { tasks, queues, limits } = declared({ serverVersion: '4.7.7' })
  expect(limits).toEqual([{ name: 'track-orchestrator-width-8', perKey: 8 }, { name: 'shared', perKey: 2 }])
  expect(tasks).toMatchObject({
    first: { queue: { name: 'shared' }, concurrency: { limits: ['shared'] } },
    second: { queue: { name: 'shared' }, concurrency: { limits: ['shared'] } },
    own: { queue: undefined, concurrency: { inline: { perKey: 5 } } },
    free: { queue: undefined, concurrency: undefined },
  })
  expect(queues.filter(({ concurrencyLimit }) => concurrencyLimit !== undefined)).toEqual([])
})

test('such a server takes a limit for each key, and for all together, of tasks and tracks', () => {
  const { tasks } = declared({ serverVersion: '4.8', tracks: [{ name: 'Track', tasks: [{ taskName: 'free' }] }], overrides: { own: { concurrencyKey: 'tenantId', concurrency: { perKey: 2, total: 9 } }, Track: { concurrency: { total: 4 } } } })
  expect(tasks).toMatchObject({ own: { concurrency: { inline: { perKey: 2, total: 9 } } }, Track: { concurrency: { inline: { total: 4 } } } })
})

test.each([[undefined, 'queues'], ['4.5.12', 'queues'], ['v4.6.4', 'queues'], ['4.7', 'tasks'], ['4.10.0', 'tasks'], ['5.0.1', 'tasks']])('a server of version %s has limits of %s', (version, style) => {
  expect(limitStyleFor('createTriggerWorker', version)).toBe(style)
})

test('an SDK that cannot send limits of tasks is refused, where they would be lost', () => {
  expect(() => limitStyleFor('createTriggerWorker', '4.7.7', false)).toThrow(DefinitionError)
  expect(limitStyleFor('createTriggerWorker', '4.5.12', false)).toBe('queues')
})
