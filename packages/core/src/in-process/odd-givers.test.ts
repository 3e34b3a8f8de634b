import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DefinitionError, defineRegistry, defineTask, type TaskContext } from '@track-orchestrator/registry'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { RunEvent } from '../log/run-event.ts'
import { createJournal, createRunner } from './index.ts'

// What handlers, callers and their libraries hand over beside values: notes, signals, registries.

const tasks = defineRegistry({ note: defineTask({ name: 'note', input: z.looseObject({}), output: z.object({ done: z.boolean() }), retry: { maxAttempts: 1 } }) })
const base = { tenantId: 't', projectId: 'p' }
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'odd-givers-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const circle: Record<string, unknown> = { n: 1n, at: new Date(0), apiKey: 'hunter2-hunter2' }
circle['self'] = circle
const hidden = new Proxy({}, { ownKeys: () => { throw new Error('no') } }) // prettier-ignore

test.each<[string, (context: { metadata: unknown }) => void, unknown]>([
  ['what is no JSON', ({ metadata }) => void Object.assign(metadata as object, circle), { n: '1', at: '1970-01-01T00:00:00.000Z', apiKey: '[redacted]', self: { n: '1', at: '1970-01-01T00:00:00.000Z', apiKey: '[redacted]', self: '[circular]' } }],
  ['what cannot be read', (context) => void (context.metadata = hidden), { metadata: '[unreadable]' }],
  ['a list in its place', (context) => void (context.metadata = [1]), { metadata: [1] }],
  ['nothing', (context) => void (context.metadata = null), undefined],
])('a handler may note anything, and its run is told and written down all the same: %s', async (_what, note, told) => {
  const events: RunEvent[] = []
  const log = { write: (event: RunEvent) => void events.push(event), flush: async () => {} }
  const handlers = { note: (_input: object, context: TaskContext) => (note(context), { done: true }) }
  const runner = createRunner({ registry: tasks, handlers, logs: [log], journal: createJournal({ folder }) })
  expect(await runner.settleSingleTask('note', base)).toMatchObject({ status: 'succeeded' })
  expect((events.find(({ type }) => type === 'step.succeeded') as { metadata?: unknown }).metadata).toEqual(told)
})

test('a signal of a library, which Node does not know, cancels a run', async () => {
  const listeners: (() => void)[] = []
  const signal = { aborted: false, reason: undefined as unknown, addEventListener: (_type: string, listener: () => void) => void listeners.push(listener), removeEventListener: () => {} }
  const runner = createRunner({ registry: tasks, graceMs: 1, handlers: { note: () => new Promise<never>(() => {}) } })
  const settled = runner.settleSingleTask('note', base, { signal: signal as unknown as AbortSignal })
  signal.aborted = true
  for (const listener of listeners) listener()
  expect(await settled).toMatchObject({ status: 'cancelled' })
})

test('createRunner refuses what is no registry, and a limit for a task that is not in it', () => {
  const create = (options: object) => () => createRunner({ registry: tasks, handlers: {}, ...options })
  expect(create({ registry: { note: 5 } })).toThrow(new DefinitionError('createRunner: registry: what stands under note is no contract. Make one with defineTask.'))
  expect(create({ registry: { nota: tasks.note } })).toThrow("Use the task's own name as the key.")
  expect(create({ taskConcurrency: { not: 2 } })).toThrow('createRunner: taskConcurrency.not: the registry has no such task. Did you mean "note"?')
  expect(create({ taskConcurrency: { note: 2 } })).not.toThrow()
})
