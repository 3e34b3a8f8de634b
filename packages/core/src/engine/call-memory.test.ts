import { memoryBox } from './answer-box.ts'
import { defineRegistry, defineTask } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createInProcessEngine } from '../in-process/in-process-engine.ts'
import { settleTrack } from '../run/runs.ts'
import type { CallMemory } from './call-memory.ts'

const registry = defineRegistry({ echo: defineTask({ name: 'echo', input: z.any(), output: z.any() }) })
const remembers: CallMemory = { recall: () => Promise.resolve(undefined), started: () => Promise.resolve(), ended: () => Promise.resolve(), beganAt: () => undefined, answersTo: memoryBox }

test.each(['recall', 'started', 'ended'] as const)('a call whose memory fails when %s is asked fails at its own place, for items too', async (name) => {
  const memory = { ...remembers, [name]: () => Promise.reject(new Error('the disk is full')) }
  const engine = createInProcessEngine({ handlers: { echo: (input: unknown) => input } }, () => memory)
  const settle = (step: object) => settleTrack({ name: 'Track', tasks: [{ taskName: 'echo', id: 'it', ...step }] }, { tenantId: 't', projectId: 'p' }, { engine, registry })
  const place = { track: 'Track', step: 'it', taskName: 'echo' }
  expect(await settle({})).toMatchObject({ status: 'failed', error: { message: 'the disk is full', place } })
  expect(await settle({ forEach: () => [1, 2] })).toMatchObject({ status: 'failed', error: { message: 'the disk is full', place: { ...place, item: 0 } } })
})
