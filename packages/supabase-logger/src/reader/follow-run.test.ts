import { setTimeout as delay } from 'node:timers/promises'
import type { RunEvent } from '@track-orchestrator/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, eventsOf, newRunId, startHistoryProject, type HistoryProject } from '../testing/history-project.ts'
import { deleteOldRuns, eraseRun } from '../upkeep/upkeep.ts'
import { createRunReader } from './run-reader.ts'

// What becomes of a follower when its run, its events or its token go away under it: on a real database.

let project: HistoryProject
beforeAll(async () => {
  project = await startHistoryProject()
})
afterAll(() => project.stop())

const day = 86_400_000
const started = { type: 'run.started', kind: 'track' } as const
const stepStarted = { type: 'step.started', track: 'Track', path: 'Track/step', step: 'step', taskName: 'task', nested: false } as const
const succeeded = { type: 'run.succeeded', durationMs: 1 } as const
const quick = { intervalMs: 20, lingerMs: 100, lagMs: 300 }
const ids = (events: readonly RunEvent[]) => events.map(({ id }) => id)

/** Follows, and does something when so many events have come. Gives what came, and how it ended. */
async function follow(events: AsyncIterable<RunEvent>, then: Readonly<Record<number, () => Promise<unknown>>>) {
  const seen: RunEvent[] = []
  try {
    for await (const event of events) {
      seen.push(event)
      await then[seen.length]?.()
    }
  } catch (error) {
    return { seen, error }
  }
  return { seen, error: undefined }
}

test('a run that is erased while it is followed ends the follower with an error that says so', async () => {
  const runId = newRunId()
  const events = eventsOf([started, stepStarted], { runId })
  await project.store(events)
  const reader = createRunReader(project.tenant('a'))
  const { seen, error } = await follow(reader.followRun({ tenantId: 'a', runId }, quick), { 2: () => eraseRun(project.client(), { tenantId: 'a', runId }) })
  expect(ids(seen)).toEqual(ids(events))
  expect(error).toMatchObject({ name: 'ProviderError', retryable: false, message: expect.stringContaining(`Run ${runId} was deleted while it was followed`) as string })
})

test('one that is deleted and begins anew is followed from its new beginning', async () => {
  const runId = newRunId()
  const old = eventsOf([started, stepStarted, succeeded], { runId, tenantId: 'anew', at: Date.now() - 60 * day })
  const fresh = eventsOf([started, succeeded], { runId, tenantId: 'anew', at: Date.now() })
  await project.store(old)
  const reader = createRunReader(project.tenant('anew'))
  const again = async () => {
    await deleteOldRuns(project.client(), { keepDays: 30 })
    await delay(2 * quick.lingerMs) // whoever reads takes its time
    await project.store(fresh)
  }
  const { seen, error } = await follow(reader.followRun({ tenantId: 'anew', runId }, quick), { 3: again })
  expect(error).toBeUndefined()
  expect(ids(seen)).toEqual(ids([...old, ...fresh]))
})

test('where retention takes the oldest events of a run, the follower goes on at the cost of what is new', async () => {
  const runId = newRunId()
  const facts = { runId, tenantId: 'aged' }
  const steps = (count: number) => Array.from({ length: count }, () => stepStarted)
  const fresh = eventsOf(steps(20), { ...facts, at: Date.now() - 60_000 })
  await project.store(eventsOf([started, ...steps(150), succeeded], { ...facts, at: Date.now() - 60 * day }))
  await project.store(fresh.slice(0, 2))
  expect(await deleteOldRuns(project.client(), { keepDays: 30 })).toMatchObject({ events: 152, runs: 0 })
  let rows = 0
  const counting = clientOf(project, project.tokenFor({ role: 'authenticated', app_metadata: { tenant_id: 'aged' } }), async (input, init) => {
    const answer = await fetch(input, init)
    if (String(input instanceof Request ? input.url : input).includes('/track_run_events')) rows += ((await answer.clone().json()) as unknown[]).length
    return answer
  })
  const then = Object.fromEntries(fresh.slice(2).map((event, index) => [2 + index, () => project.store([event])]))
  const { seen, error } = await follow(createRunReader(counting).followRun({ tenantId: 'aged', runId }, { ...quick, lagMs: 1 }), then)
  expect(error).toBeUndefined()
  expect(ids(seen)).toEqual(ids(fresh))
  // Each is read when it comes. The missing ones are looked for once, and then known to be gone.
  expect(rows).toBeLessThan(4 * fresh.length)
})

test('a token that runs out ends the follower; with a fresh one it goes on behind the last event, late ones included, and repeats none', async () => {
  const runId = newRunId()
  const [first, late, second, third, end] = eventsOf([started, stepStarted, stepStarted, stepStarted, succeeded], { runId })
  const tokenOf = (claims: { exp?: number }) => project.tokenFor({ role: 'authenticated', app_metadata: { tenant_id: 'a' }, ...claims })
  await project.store([first!, second!])
  let token = tokenOf({})
  const expiring = clientOf(project, token, (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${token}`)
    return fetch(input, { ...init, headers })
  })
  const expire = async () => void (token = tokenOf({ exp: 1 }))
  const before = await follow(createRunReader(expiring).followRun({ tenantId: 'a', runId }, quick), { 2: expire })
  expect(ids(before.seen)).toEqual(ids([first!, second!]))
  expect(before.error).toMatchObject({ name: 'ProviderError', status: 401, retryable: false })

  await project.store([late!, third!, end!])
  const fresh = createRunReader(clientOf(project, tokenOf({})))
  const after = await follow(fresh.followRun({ tenantId: 'a', runId }, { ...quick, afterId: second!.id }), {})
  expect(ids(after.seen).toSorted()).toEqual(ids([late!, third!, end!]).toSorted())
})
