import type { TrackDefinition } from '@track-orchestrator/core'
import { defineRegistry, defineTask, DefinitionError } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createWorld } from './world.ts'

const work = defineTask({ name: 'work', input: z.object({}), output: z.object({}) })
const registry = defineRegistry({ work })
const track = (name: string, more: Partial<TrackDefinition> = {}): TrackDefinition => ({ name, tasks: [{ taskName: 'work' }], ...more })
const open = (options: object) => createWorld('createTriggerWorker', { registry, ...options })

test('tracks inside tracks, composites and orchestrators are found', () => {
  const inner = track('Inner')
  const composite = { ...track('Composite'), type: 'composite', subTracks: [track('Sub'), inner] } as TrackDefinition
  const outer = track('Outer', { tasks: [{ taskName: 'Composite', track: composite }] })
  const world = open({ tracks: [outer], orchestrators: [{ name: 'All', tracks: [outer, track('Other')] }] })
  expect([...world.tracks.keys()].toSorted()).toEqual(['Composite', 'Inner', 'Other', 'Outer', 'Sub'])
})

test.each([
  ['two tracks', { tracks: [track('A'), track('A')] }],
  ['two orchestrators', { orchestrators: [{ name: 'A', tracks: [] }, { name: 'A', tracks: [] }] }],
  ['a task and a track', { tracks: [track('work')] }],
  ['the lanes of fan-outs and something else', { tracks: [track('track-orchestrator-lane')] }],
  ['a track and an orchestrator', { tracks: [track('A')], orchestrators: [{ name: 'A', tracks: [] }] }],
])('%s of one name are refused', (who, options) => {
  expect(() => open(options)).toThrow(who)
})

test('a name that every object has is a name like any other', () => {
  const world = open({ tracks: [track('constructor'), track('toString')], overrides: { toString: { machine: 'micro' } } })
  expect([...world.tracks.keys()].toSorted()).toEqual(['constructor', 'toString'])
  expect(() => open({ overrides: { valueOf: { machine: 'micro' } } })).toThrow('overrides.valueOf: there is no such')
  expect(open({ handlers: {} }).handlerOf?.('toString')).toBeUndefined()
})

test('what overrides say of a task stands in its contract, where every caller of it looks', () => {
  const world = open({ overrides: { work: { machine: 'large-1x', concurrencyKey: 'tenantId', retry: { maxAttempts: 1, factor: undefined } } } })
  expect(world.registry['work']).toMatchObject({ name: 'work', placement: { machine: 'large-1x', concurrencyKey: 'tenantId' }, retry: { maxAttempts: 1 } })
  expect(registry.work.placement).toBeUndefined()
})

test.each([
  [{ overrides: { wrok: { machine: 'micro' } } }, 'overrides.wrok: there is no such task, track or orchestrator. Did you mean "work"?'],
  [{ overrides: { work: { machine: 'huge' } } }, 'overrides.work: machine must be'],
  [{ overrides: { work: { maxDurationSeconds: 4 } } }, 'overrides.work: maxDurationSeconds must be a whole number from 5 up, not 4.'],
  [{ overrides: { work: { retry: 3 } } }, 'overrides.work: retry must be a retry policy'],
  [{ overrides: { work: { retries: {} } } }, 'overrides.work: retries is no option. There are: machine'],
  [{ overrides: { work: { queue: { concurrencyLimit: 0 } } } }, 'queue.concurrencyLimit must be a whole number from 1 up, not 0.'],
  [{ overrides: { work: { inline: true, queue: { concurrencyLimit: 2 } } } }, 'overrides.work: a task that is inline runs in the run that asks for it, and cannot have queue of its own'],
  [{ tracks: [track('A')], overrides: { A: { inline: true } } }, 'overrides.A.inline has no effect'],
  [{ tracks: [track('A')], overrides: { A: { retry: { maxAttempts: 3 } } } }, 'overrides.A.retry has no effect'],
  [{ orchestrators: [{ name: 'O', tracks: [track('A')] }], overrides: { O: { concurrencyKey: 'tenantId' } } }, 'overrides.O.concurrencyKey has no effect'],
  [{ overrides: { work: { ttlSeconds: 0 } } }, 'overrides.work: ttlSeconds must be a whole number from 1 to 1,209,600, not 0.'],
  [{ overrides: { work: { ttlSeconds: 60, inline: true } } }, 'overrides.work.ttlSeconds has no effect'],
  [{ overrides: { work: { concurrency: { total: 3 } } } }, 'overrides.work.concurrency: a server before 4.7 would pass over it, and limit nothing'],
  [{ serverVersion: '4.6.4', overrides: { work: { concurrency: { total: 3 } } } }, 'a server before 4.7'],
  [{ serverVersion: '4.8.3', overrides: { work: { concurrency: {} } } }, 'overrides.work.concurrency has no effect: give it perKey'],
  [{ serverVersion: '4.8.3', overrides: { work: { concurrency: { total: 3 }, inline: true } } }, 'overrides.work.concurrency has no effect: a task that is inline'],
  [{ serverVersion: '4.8.3', overrides: { work: { concurrency: { total: 3 }, queue: { concurrencyLimit: 2 } } } }, 'Take queue.concurrencyLimit away: it means the same as concurrency: { perKey: 2 }'],
  [{ serverVersion: '4.8.3', overrides: { work: { queue: { name: 'a/b', concurrencyLimit: 2 } } } }, 'Rename the queue.'],
  [{ serverVersion: 'latest' }, 'serverVersion must be the version of the Trigger.dev server, such as 4.7.7, not "latest".'],
  [{ tracks: [track('A')], overrides: { A: { queue: { name: 'q', concurrencyLimit: 2 } }, work: { queue: { name: 'q', concurrencyLimit: 3 } } } }, 'work: queue q has two limits, 2 and 3.'],
  [{ inlineLimitBytes: -1 }, 'inlineLimitBytes must be a whole number from 0 to 3,145,728, not -1.'],
  [{ inlineLimitBytes: Number.NaN }, 'not NaN.'],
  [{ graceMs: 3_000_000_000 }, 'graceMs must be a number of milliseconds'],
  [{ logs: [{}] }, 'logs[0] must be'],
  [{ payloadStore: { put() {} } }, 'payloadStore must be an object with put(), get()'],
  [{ onSuccess: 'x' }, 'onSuccess must be a function'],
  [{ handler: {} }, 'handler is no option. Did you mean "handlers"?'],
  [{ registry: undefined }, 'createTriggerWorker: registry is required'],
])('%o is refused when it is given', (options, message) => {
  expect(() => open(options)).toThrow(DefinitionError)
  expect(() => open(options)).toThrow(message)
})

test('undefined means the default', () => {
  expect(open({ graceMs: undefined, inlineLimitBytes: undefined, overrides: undefined, logs: undefined }).graceMs).toBe(5_000)
})

test('a machine in a contract that Trigger.dev does not have is refused', () => {
  const odd = defineTask({ name: 'odd', input: z.object({}), output: z.object({}), placement: { machine: 'huge' } })
  expect(() => open({ registry: defineRegistry({ odd }) })).toThrow('the placement of odd: machine must be')
})

test.each([
  ['tracks of which several at once are bounded', 8, { tracks: [track('A', { tasks: [{ track: track('Item'), forEach: 'items', concurrency: 2 } as never] })] }],
  ['sub-tracks of which several at once are bounded', 8, { tracks: [{ ...track('A'), type: 'composite', subTracks: [track('B')], concurrency: 2 } as TrackDefinition] }],
  ['a task with a queue of its own', 8, { overrides: { work: { queue: { name: 'ours' } } } }],
  ['as many as are asked for', 3, { overrides: { work: { concurrencyKey: 'tenantId' } }, mostLanes: 3 }],
  ['none where nothing can need them', 0, { tracks: [track('A', { tasks: [{ track: track('Item'), forEach: 'items', concurrency: 1 } as never, { taskName: 'work', forEach: 'items', concurrency: 5 }] })] }],
])('lanes: %s', (_what, most, options) => {
  expect(open(options).mostLanes).toBe(most)
})

test.each([
  [{ tracks: [null] }, 'A track must be an object'],
  [{ tracks: [{}] }, 'A track has no name'],
  [{ tracks: [{ name: 'T', tasks: [null] }] }, 'Track "T": tasks[0] must be an object'],
  [{ orchestrators: [null] }, 'An orchestrator must be an object'],
  [{ orchestrators: [{ name: 'O' }] }, 'Orchestrator "O": tracks is required'],
])('what is no definition is refused as such: %j', (options, message) => {
  expect(() => createWorld('createTriggerWorker', { registry: defineRegistry({}), ...(options as object) })).toThrow(message)
})
