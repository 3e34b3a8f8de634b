import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEvent, RunEventBody } from '@track-orchestrator/core'
import { TracksError } from '@track-orchestrator/registry'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRunReader } from './reader/run-reader.ts'
import { eventsOf, newRunId, startHistoryProject, type HistoryProject } from './testing/history-project.ts'
import { openLog } from './testing/open-log.ts'
import { deleteOldRuns } from './upkeep/upkeep.ts'

/** For how long, in seconds, and how often the database crashes meanwhile. By hand: ENDURANCE_SECONDS=300 npx vitest run src/endurance.test.ts */
const seconds = Number(process.env['ENDURANCE_SECONDS'] ?? 20)
const restartEverySeconds = Math.min(20, seconds / 3)
/** How long each writer rests between its rounds of nine events: a long trial is to end, not to write ever more than the database takes. */
const restMs = seconds > 60 ? 100 : 10
const day = 86_400_000

let project: HistoryProject
beforeAll(async () => {
  project = await startHistoryProject()
})
afterAll(() => project.stop())

const step = { track: 'Track', path: 'Track/step', step: 'step', taskName: 'task', nested: false }
const started = { type: 'run.started', kind: 'track' } as const
const bodies: readonly RunEventBody[] = [started, { type: 'step.started', ...step }, { type: 'step.succeeded', attempt: 1, durationMs: 1, ...step }, { type: 'run.succeeded', durationMs: 2 }]
const all = async (events: AsyncIterable<RunEvent>) => {
  const ids: string[] = []
  for await (const { id } of events) ids.push(id)
  return ids
}

test('8 writers, 2 followers, retention, and a database that crashes again and again lose, double and deadlock nothing', async () => {
  const until = Date.now() + seconds * 1_000
  const isOver = () => Date.now() >= until
  const long = [newRunId(), newRunId()]
  const written: RunEvent[] = []
  const logs = Array.from({ length: 8 }, () => openLog(project, { retry: { maxDelayMs: 1_000 }, memoryEvents: 500 }))

  const writing = logs.map(async ({ log }, writer) => {
    const write = (events: readonly RunEvent[]) => {
      for (const event of events) log.write(event)
      if (events[0]?.tenantId === 'a') written.push(...events)
    }
    // All write to the two runs that are followed; each to runs of its own; and to old ones, which retention takes away under its hands.
    if (writer < 2) write(eventsOf([started], { runId: long[writer]!, at: Date.now() }))
    for (let round = 0; !isOver(); round++) {
      write(eventsOf([{ type: 'step.started', ...step, path: `Track/${writer}.${round}` }], { runId: long[round % 2]!, at: Date.now() }))
      write(eventsOf(bodies, { at: Date.now() }))
      write(eventsOf(bodies, { at: Date.now() - 40 * day, tenantId: 'old', runId: `old-${round % 20}` }))
      await sleep(restMs)
    }
    await log.flush(120_000)
  })
  const reader = createRunReader(project.tenant('a'))
  const following = long.map((runId) => all(reader.followRun({ tenantId: 'a', runId }, { intervalMs: 200, lagMs: 60_000, lingerMs: 3_000 })))
  const keeping = (async () => {
    let deleted = 0
    while (!isOver()) {
      deleted += await deleteOldRuns(project.client(), { keepDays: 30, portion: 100 }).then(({ events }) => events, (error: unknown) => {
        if (!TracksError.is(error) || !error.retryable) throw error
        return 0
      })
      await sleep(200)
    }
    return deleted
  })()
  let deadlocks = 0
  const countDeadlocks = async () => Number((await project.sql(`select sum(deadlocks)::int as count from pg_stat_database`))[0]?.['count'])
  const crashing = (async () => {
    while (Date.now() + restartEverySeconds * 1_000 < until) {
      await sleep(restartEverySeconds * 1_000)
      deadlocks += await countDeadlocks() // forgotten in a crash
      await project.stopDatabase()
      await sleep(1_000)
      await project.startDatabase()
    }
  })()

  await crashing
  await Promise.all(writing)
  const deleted = await keeping
  for (const [index, runId] of long.entries()) {
    const end = eventsOf([{ type: 'run.succeeded', durationMs: 1 }], { runId, at: Date.now() })
    logs[index]!.log.write(end[0]!)
    written.push(...end)
    await logs[index]!.log.flush(100_000)
  }
  const followed = await Promise.all(following)
  deadlocks += await countDeadlocks()

  for (const { log } of logs) {
    expect(log.counts()).toMatchObject({ waiting: 0, refused: 0, dropped: 0 })
    await log.close(0)
  }
  const stored = (await project.sql(`select id from track_run_events where tenant_id = 'a'`)).map(({ id }) => String(id))
  expect(stored.toSorted()).toEqual(written.map(({ id }) => id).toSorted())
  expect(await project.sql(`select run_id from track_runs run where tenant_id = 'a' and (status <> 'succeeded' or event_count <> (select count(*) from track_run_events event where event.tenant_id = 'a' and event.run_id = run.run_id))`)).toEqual([])
  for (const [index, runId] of long.entries()) {
    expect(followed[index]!.toSorted()).toEqual(written.filter((event) => event.runId === runId).map(({ id }) => id).toSorted())
  }
  expect(deadlocks).toBe(0)
  expect(deleted).toBeGreaterThan(0)
  await deleteOldRuns(project.client(), { keepDays: 30 })
  expect(await project.sql(`select 1 as one from track_run_events where tenant_id = 'old'`)).toEqual([])
  console.log(`${written.length} events kept, ${deleted} deleted meanwhile, ${followed.map(({ length }) => length).join(' and ')} followed`)
}, seconds * 1_000 + 300_000)
