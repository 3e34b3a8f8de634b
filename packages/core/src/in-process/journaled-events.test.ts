import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import { createJournal } from '../journal/journal.ts'
import { eventsIn } from '../journal/events-in.ts'
import { RecordLines } from '../journal/record-lines.ts'
import type { RunEvent } from '../log/run-event.ts'
import { newId } from '../log/new-id.ts'
import { answersOf } from '../testing/asking-flows.ts'
import { payingHandlers, payingTasks, payingTracks } from '../testing/paying-tasks.ts'
import { randomAskingOrchestrator, randomOddOrchestrator, randomOrchestrator } from '../testing/random-orchestrators.ts'
import { settleAnswered } from '../testing/settle-answered.ts'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { createRunner } from './create-runner.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journaled-events-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const base = { tenantId: 'tenant-1', projectId: 'project-1', userId: 'user-1', trampData: { job: 'events' } }

/** A runner with a journal, and a log beside it that is told the same. */
function open(orchestrators: readonly OrchestratorDefinition[] = [], tracks: readonly TrackDefinition[] = []) {
  const live: RunEvent[] = []
  const journal = createJournal({ folder })
  const log = { progress: false, write: (event: RunEvent) => void live.push(event), flush: async () => {} }
  const runner = createRunner({ registry: { ...suiteTasks, ...payingTasks }, handlers: { ...suiteHandlers, ...payingHandlers }, logs: [log], journal, orchestrators, tracks })
  return { runner, journal, live, told: async (runId: string) => eventsIn((await journal.read(runId)).records) }
}

const asJson = (events: readonly RunEvent[]) => JSON.parse(JSON.stringify(events)) as unknown

test.each([
  ['flows', randomOrchestrator, 60],
  ['odd flows', randomOddOrchestrator, 60],
  ['flows that ask', randomAskingOrchestrator, 60],
] as const)('a journal tells the events that a log was told, one by one: of %s', { timeout: 240_000 }, async (_what, orchestratorOf, count) => {
  // All at once: most of the time of those that ask is waiting for answers.
  const compared = Array.from({ length: count }, async (_, seed) => {
    const orchestrator = orchestratorOf(seed)
    const { runner, live, told } = open([orchestrator])
    const start = async (_runnable: unknown, payload: unknown) => {
      const runId = newId()
      const ended = runner.settleOrchestrator(orchestrator, payload, { runId })
      while (live.length === 0) await nextTurn() // there is no run to be answered before it is written down
      return { ended, answer: (step: string, value: unknown) => runner.answer(runId, step, value) }
    }
    const { runId } = await settleAnswered({ runner, start }, orchestrator, { ...base, start: 17 }, answersOf(orchestrator), seed)
    expect(await told(runId), `seed ${seed}`).toEqual(asJson(live))
  })
  await Promise.all(compared)
})

test.each(Object.entries(payingTracks))('and of the track %s, which pays, gone on with as well', async (_name, track) => {
  const { runner, live, told } = open([], [track])
  const { runId } = await runner.settleTrack(track, base)
  const first = await told(runId)
  expect(first).toEqual(asJson(live))
  await runner.resume(runId).catch(() => {})
  expect(await told(runId)).toEqual(asJson(live))
})

test('the start of a step is told once: in the record of its call, or by itself where an earlier version wrote it so', async () => {
  const track: TrackDefinition = { name: 'Once', tasks: [{ taskName: 'suite_add', inputMapper: () => ({ n: 1, by: 2 }) }] }
  const { runner, journal, live } = open([], [track])
  const { runId } = await runner.settleTrack(track, base)
  const { records } = await journal.read(runId)
  expect(records.filter(({ event }) => (event as RunEvent | undefined)?.type === 'step.started')).toEqual([])
  expect(records.find(({ type }) => type === 'call.started')).toHaveProperty('told.sequence')

  const lines = new RecordLines()
  let n = 0
  for (const { told, ...record } of records) {
    if (told) lines.add({ ...record, n: ++n, type: 'event', event: live.find(({ type }) => type === 'step.started') })
    lines.add({ ...record, n: ++n })
  }
  const path = join(folder, 'runs', runId, 'journal.jsonl')
  const written = await readFile(path)
  await writeFile(path, lines.take())
  expect(await readFile(path)).not.toEqual(written)
  expect(eventsIn((await journal.read(runId)).records).filter(({ type }) => type === 'step.started')).toEqual(asJson(live.filter(({ type }) => type === 'step.started')))
})

test('a fork tells its own events, and none of the run that it was forked from', async () => {
  const track: TrackDefinition = { name: 'Forked', tasks: [1, 2, 3].map((step) => ({ taskName: 'suite_add', id: `s${step}`, inputMapper: () => ({ n: step, by: 2 }) })) }
  const { runner, live, told } = open([], [track])
  const { runId } = await runner.settleTrack(track, base)
  live.length = 0
  const fork = await runner.fork(runId, { from: 's2' })
  expect(await told(fork.runId)).toEqual(asJson(live))
  expect(new Set(live.map((event) => event.runId))).toEqual(new Set([fork.runId]))
})
