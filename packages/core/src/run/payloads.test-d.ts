import { defineRegistry, defineTask, type Registry } from '@track-orchestrator/registry'
import { test } from 'vitest'
import { z } from 'zod'
import { createRunner } from '../in-process/create-runner.ts'
import { forRegistry } from '../typed/for-registry.ts'

// What a caller passes, with and without `defaults`.

const source = z.discriminatedUnion('kind', [z.object({ kind: z.literal('file'), path: z.string() }), z.object({ kind: z.literal('web'), url: z.string(), depth: z.number().optional() })])
const tasks = defineRegistry({
  read: defineTask({ name: 'read', input: source, output: z.object({ text: z.string() }) }),
  count: defineTask({ name: 'count', input: z.record(z.string().startsWith('n-'), z.number()), output: z.object({ sum: z.number() }) }),
  any: defineTask({ name: 'any', input: z.unknown(), output: z.object({ sum: z.number() }) }),
})
const { defineTrack, defineOrchestrator } = forRegistry(tasks)
const reading = defineTrack({ name: 'Reading', tasks: [{ taskName: 'read' }] })
const counting = defineTrack({ name: 'Counting', tasks: [{ taskName: 'count' }] })
const any = defineTrack({ name: 'Any', tasks: [{ taskName: 'any' }] })
const orchestrator = defineOrchestrator({ name: 'Orchestrator', tracks: [reading] })

const handlers = { read: () => ({ text: '' }), count: () => ({ sum: 0 }), any: () => ({ sum: 0 }) }
const bare = createRunner({ registry: tasks, handlers })
const tenant = createRunner({ registry: tasks, handlers, defaults: { tenantId: 't', projectId: 'p' } })
const web = createRunner({ registry: tasks, handlers, defaults: { tenantId: 't', projectId: 'p', kind: 'web' as const } })

test('each kind of a union is a payload, and no mixture is', () => {
  void bare.runTrack(reading, { tenantId: 't', projectId: 'p', kind: 'file', path: '' })
  void tenant.runTrack(reading, { kind: 'web', url: '', depth: 1 })
  void tenant.runTrack(reading, { kind: 'file', path: '', userId: 'u', trampData: { a: 1 } })
  void tenant.runOrchestrator(orchestrator, { kind: 'web', url: '' })
  void tenant.runSingleTask('read', { kind: 'web', url: '' })
  void web.runTrack(reading, { url: '' })
  // @ts-expect-error - without defaults the tenant has to be told
  void bare.runTrack(reading, { kind: 'file', path: '' })
  // @ts-expect-error - a file has no address
  void tenant.runTrack(reading, { kind: 'file', url: '' })
  // @ts-expect-error - the orchestrator takes what its track takes
  void tenant.runOrchestrator(orchestrator, { kind: 'web', path: '' })
})

test('a record is a payload, beside the base fields', () => {
  void bare.runTrack(counting, { tenantId: 't', projectId: 'p', 'n-a': 1, 'n-b': 2 })
  void tenant.runTrack(counting, { 'n-a': 1, 'n-b': 2 })
  // @ts-expect-error - not a number
  void tenant.runTrack(counting, { 'n-a': true })
})

test('what takes anything takes any payload that is an object', () => {
  void bare.runTrack(any, { tenantId: 't', projectId: 'p', a: 1 })
  void tenant.runTrack(any, { a: 1 })
  // @ts-expect-error - without defaults the tenant has to be told
  void bare.runTrack(any, { a: 1 })
})

declare const anyRegistry: Registry
declare const read: { readonly tenantId?: string }

test('of a registry whose names only the run knows, nothing is checked', () => {
  const dynamic = createRunner({ registry: anyRegistry, handlers })
  void dynamic.runSingleTask('read', read)
})
