import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TerminalError } from '@track-orchestrator/registry'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { createJournal, createRunner, type RunFilter } from './index.ts'

const tracks = [{ name: 'Left', tasks: [{ taskName: 'suite_add' }] }, { name: 'Right', tasks: [{ taskName: 'suite_add' }] }] as const
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'many-runs-'))
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true, force: true })
})

/** As another process would have it: a runner and a journal of its own, over the same folder. */
function newProcess({ held, fails = () => false, graceMs = 10, known = tracks }: { readonly held?: Promise<void>; readonly fails?: (n: number) => boolean; readonly graceMs?: number; readonly known?: typeof tracks | [] } = {}) {
  const load = { now: 0, most: 0, done: [] as number[] }
  const suite_add = async ({ n }: { n: number }) => {
    load.now++
    load.most = Math.max(load.most, load.now)
    await (held ?? new Promise((end) => setTimeout(end, 5)))
    load.now--
    if (fails(n)) throw new TerminalError('it broke')
    load.done.push(n)
    return { n: n + 1 }
  }
  const journal = createJournal({ folder })
  const runner = createRunner({ registry: suiteTasks, handlers: { ...suiteHandlers, suite_add }, graceMs, journal, tracks: known })
  const begin = (runId: string, name: 'Left' | 'Right', tenantId: string, projectId: string, n = 1) =>
    runner.settleTrack(tracks.find((track) => track.name === name)!, { tenantId, projectId, n }, { runId })
  return { runner, journal, begin, load }
}

const ids = (runs: readonly { readonly runId: string }[]) => runs.map(({ runId }) => runId).toSorted()
const all: RunFilter = { since: 0 }

/** Four runs that go on until they are let go. */
async function going() {
  let letGo = () => {}
  const { begin, journal } = newProcess({ held: new Promise((end) => (letGo = end)) })
  const results = [begin('a', 'Left', 'acme', 'p1'), begin('b', 'Right', 'acme', 'p1'), begin('c', 'Left', 'acme', 'p2'), begin('d', 'Left', 'other', 'p1')]
  await expect.poll(() => journal.list({ status: 'running' })).toHaveLength(4)
  return { letGo, results: () => Promise.all(results) }
}

test('a journal lists runs by status, name, tenant, project and when they began; what is misspelt is refused', async () => {
  const { letGo, results } = await going()
  const { journal, begin } = newProcess({ fails: (n) => n === 0 })
  await begin('e', 'Left', 'acme', 'p1', 0)
  expect(ids(await journal.list({ status: 'running', name: 'Left' }))).toEqual(['a', 'c', 'd'])
  expect(ids(await journal.list({ tenantId: 'acme', projectId: 'p1' }))).toEqual(['a', 'b', 'e'])
  expect(ids(await journal.list({ status: 'failed' }))).toEqual(['e'])
  expect(await journal.list({ status: 'interrupted' })).toEqual([])
  expect(await journal.list({ since: Date.now() + 1_000 })).toEqual([])
  await expect(journal.list({ tenant: 'acme' } as never)).rejects.toMatchObject({ code: 'definition_invalid', message: expect.stringContaining('tenantId') as string })
  letGo()
  await results()
})

test('all that a filter finds are cancelled, and of each it is told what became of it; the others go on', async () => {
  const { letGo, results } = await going()
  const { journal } = newProcess()
  expect(await journal.cancelAll({ status: 'failed', tenantId: 'acme' })).toEqual([])
  const told = await journal.cancelAll({ tenantId: 'acme', projectId: 'p1' })
  expect(told.toSorted((a, b) => a.runId.localeCompare(b.runId))).toEqual([
    { runId: 'a', name: 'Left', tenantId: 'acme', projectId: 'p1', became: 'cancelled' },
    { runId: 'b', name: 'Right', tenantId: 'acme', projectId: 'p1', became: 'cancelled' },
  ])
  expect(ids(await journal.list({ status: 'running' }))).toEqual(['c', 'd'])
  letGo()
  expect((await results()).map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'succeeded', 'succeeded'])
})

test('a run that ends before it hears of it has ended; one that takes longer than it is waited for goes on, and that is said', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }) // by which a run looks whether it is to stop
  const { letGo, results } = await going()
  const { journal, begin } = newProcess({ held: new Promise(() => {}), graceMs: 1_000 })
  const stubborn = begin('e', 'Right', 'slow', 'p1')
  await expect.poll(() => journal.isRunning('e').catch(() => false)).toBe(true)
  const told = journal.cancelAll({ tenantId: 'acme' })
  for (const runId of ['a', 'b', 'c']) await expect.poll(() => readdir(join(folder, 'runs', runId))).toContainEqual(expect.stringMatching(/^cancel\./))
  letGo()
  expect((await told).map((run) => ({ ...run }))).toEqual(expect.arrayContaining([expect.objectContaining({ runId: 'a', became: 'had_ended', status: 'succeeded' })]))
  expect(await journal.cancelAll({ tenantId: 'slow' }, { timeoutMs: 0 })).toMatchObject([{ runId: 'e', became: 'not_cancelled', error: { code: 'timed_out' } }])
  vi.advanceTimersByTime(1_000)
  expect(await stubborn).toMatchObject({ status: 'cancelled' })
  await results()
})

test('all that a filter finds are gone on with, so many at once; what succeeded or goes on is let be, and one that fails again stops no other', async () => {
  const broken = newProcess({ fails: () => true })
  for (const n of [0, 1, 2, 3, 4]) await broken.begin(`f${n}`, n < 4 ? 'Left' : 'Right', 'acme', 'p1', n)
  await broken.begin('foreign', 'Left', 'other', 'p1')
  await newProcess().begin('good', 'Left', 'acme', 'p1', 9)
  const { letGo, results } = await going()
  let goOn = () => {}
  const { runner, load } = newProcess({ fails: (n) => n === 2, held: new Promise((end) => (goOn = end)) })
  const ended: string[] = []
  const resuming = runner.resumeAll({ tenantId: 'acme', name: 'Left' }, { concurrency: 2, onEnd: ({ runId, status }) => ended.push(`${runId} ${status}`) })
  await expect.poll(() => load.now).toBe(2)
  goOn()
  const told = await resuming
  expect(ended.toSorted()).toEqual(['f0 succeeded', 'f1 succeeded', 'f2 failed', 'f3 succeeded'])
  expect(told.find(({ runId }) => runId === 'f2')).toMatchObject({ name: 'Left', tenantId: 'acme', projectId: 'p1', status: 'failed', error: { message: 'it broke' } })
  expect(told.find(({ runId }) => runId === 'f3')).toMatchObject({ status: 'succeeded', output: { n: 4 } })
  expect(load.most).toBe(2)
  expect(load.done.toSorted((a, b) => a - b)).toEqual([0, 1, 3])
  letGo()
  await results()
})

test('what cannot be gone on with is refused, with why; after it is called off, nothing more is begun', async () => {
  await newProcess({ fails: () => true }).begin('f', 'Left', 'acme', 'p1')
  expect(await newProcess({ known: [] }).runner.resumeAll({ tenantId: 'acme' })).toMatchObject([{ runId: 'f', status: 'refused', error: { code: 'definition_invalid' } }])
  const { runner, load } = newProcess()
  expect(await runner.resumeAll({ tenantId: 'acme' }, { signal: AbortSignal.abort() })).toMatchObject([{ runId: 'f', status: 'refused', error: { code: 'cancelled' } }])
  expect(load.done).toEqual([])
  expect(await runner.resumeAll(all)).toMatchObject([{ runId: 'f', status: 'succeeded' }])
})

test.each([{}, { tenantId: undefined }])('a filter that says nothing is refused: %j', async (filter) => {
  const { runner, journal } = newProcess()
  const refused = { code: 'definition_invalid', message: expect.stringContaining('every run') as string }
  await expect(journal.cancelAll(filter as RunFilter)).rejects.toMatchObject(refused)
  await expect(runner.resumeAll(filter as RunFilter)).rejects.toMatchObject(refused)
  await expect(journal.deleteTenant(undefined as never)).rejects.toMatchObject(refused)
})

test('without a journal there is none to go on with', async () => {
  await expect(createRunner({ registry: suiteTasks, handlers: {} }).resumeAll(all)).rejects.toMatchObject({ code: 'definition_invalid', message: expect.stringContaining('journal') as string })
})
