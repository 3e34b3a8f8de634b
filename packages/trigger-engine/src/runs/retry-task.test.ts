import { defineRegistry, defineTask, TerminalError, TracksError } from '@track-orchestrator/registry'
import type { RunEvent } from '@track-orchestrator/core'
import { startTriggerDevServer, type TriggerDevServer } from '@track-orchestrator/trigger-local'
import { configure, metadata } from '@trigger.dev/sdk'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { reservedKey } from '../crossing/carried.ts'
import type { CallTicket } from '../crossing/ticket.ts'
import { errorOf, toldBy, toTriggerError } from '../crossing/trigger-error.ts'

import { halt, openHalt } from '../engine/halt.ts'
import { createWorld } from '../world.ts'
import { retryTask } from './retry-task.ts'

// A server that no worker serves: it keeps the tokens by which runs are told to stop.
let server: TriggerDevServer
beforeAll(async () => {
  server = await startTriggerDevServer()
  configure({ baseURL: server.url, accessToken: server.secretKey })
})
afterAll(() => server.close())

const work = defineTask({ name: 'work', input: z.object({ text: z.string() }), output: z.object({}), retry: { maxAttempts: 5, minDelayMs: 40, maxDelayMs: 40, factor: 1 } })
const events: RunEvent[] = []
const world = createWorld('createTriggerWorker', { registry: defineRegistry({ work }), logs: [{ write: (event) => void events.push(event), flush: () => Promise.resolve() }] })
const ticket: CallTicket = { runId: 'run_1', runName: 'Flow', walkId: 'run_1', kept: false, track: 'Track', step: 'work', parentPath: 'Flow/Track', segment: 'work', nested: false }

/** Its input lies in a store that this worker does not have, so that whoever reads it fails. */
const decide = (more: Partial<CallTicket>, { thrown = new Error('stumbled'), isLast = false } = {}) => {
  const context = { run: { id: 'run_2' }, attempt: { number: 2 } }
  const carried = { call: { ...ticket, ...more }, input: { hash: '0'.repeat(64), sizeBytes: 70_000 }, paid: { 'Flow/Track/work': { usd: 0.5 } } }
  vi.spyOn(metadata, 'current').mockReturnValue({ [reservedKey]: JSON.parse(JSON.stringify(carried)) })
  return retryTask(world, work, { payload: { tenantId: 't', projectId: 'p' }, context, thrown, isLast })
}

test('an attempt that failed is followed by another as the contract says, and the step before the contract; its input is not read for that', async () => {
  expect(await decide({})).toEqual({ retryDelayInMs: expect.toSatisfy((ms: number) => ms > 0 && ms <= 40) as number })
  expect(events.at(-1)).toMatchObject({ type: 'step.retrying', path: 'Flow/Track/work', attempt: 2 })
  expect(await decide({ retry: { minDelayMs: 7_000, maxDelayMs: 7_000 } })).toEqual({ retryDelayInMs: expect.toSatisfy((ms: number) => ms > 40) as number })
})

test('what cannot be mended, or has no time left, is not tried again; that Trigger.dev makes no further attempt is left as it is', async () => {
  expect(await decide({}, { thrown: toTriggerError(new TerminalError('never'), { isFinal: false }).thrown })).toEqual({ skipRetrying: true })
  expect(await decide({ deadlineAt: Date.now() + 5 })).toEqual({ skipRetrying: true })
  expect(await decide({}, { isLast: true })).toBeUndefined()
})

test('one that was told to stop meanwhile did not fail: it was cancelled, and says what it has paid', async () => {
  const token = (await openHalt('run_1/plan'))!
  await halt({ token, failed: 'Beside', isWalker: () => false })
  const told = events.length
  const decision = (await decide({ halts: [token] })) as { readonly skipRetrying: true; readonly error: Error }
  expect(decision.skipRetrying).toBe(true)
  const error = errorOf(decision.error, undefined)
  expect(error).toBeInstanceOf(TracksError)
  expect(error).toMatchObject({ code: 'cancelled', message: 'work was not tried again: Beside failed', place: { track: 'Track', step: 'work', attempt: 2 } })
  expect(toldBy(decision.error)?.costs).toEqual({ paid: { 'Flow/Track/work': { usd: 0.5 } } })
  expect(events.slice(told)).toEqual([])
})
