import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAsking } from '../testing/asking.ts'
import { suiteHandlers, suiteTasks } from '../testing/suite-tasks.ts'
import { createJournal, createRunner } from './index.ts'
import { HeldRuns } from './run-key.ts'

const base = { tenantId: 'acme', projectId: 'p1' }
const track = { name: 'Once', tasks: [{ taskName: 'suite_add' }] }
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-keys-'))
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true, force: true })
})

/** A runner in a process of its own, as far as it can tell; its handler waits for `held`, and throws where it is told so. */
function newRunner({ held, fails = () => false }: { readonly held?: Promise<void>; readonly fails?: () => boolean } = {}) {
  const done: number[] = []
  const suite_add = async ({ n }: { n: number }) => {
    done.push(n)
    await held
    if (fails()) throw new Error('it broke')
    return { n: n + 1 }
  }
  const runner = createRunner({ registry: suiteTasks, handlers: { ...suiteHandlers, suite_add }, retry: { maxAttempts: 1 }, journal: createJournal({ folder }) })
  return { runner, done, settle: (n: number, more: object = {}) => runner.settleTrack(track, { ...base, n }, { runKey: 'k', ...more }) }
}

test('of many that ask at once, in several processes, one run does the work for all', async () => {
  let release = () => {}
  const held = new Promise<void>((end) => (release = end))
  const processes = Array.from({ length: 4 }, () => newRunner({ held }))
  const results = processes.flatMap(({ settle }, number) => [settle(number), settle(number)])
  await expect.poll(() => processes.flatMap(({ done }) => done)).toHaveLength(1)
  release()
  const runs = await Promise.all(results)
  expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1)
  expect(new Set(runs.map((run) => JSON.stringify(run.status === 'succeeded' && run.output))).size).toBe(1)
  expect(processes.flatMap(({ done }) => done)).toHaveLength(1)
  expect(await createJournal({ folder }).list()).toHaveLength(1)
})

test('its output is answered as long as it is fresh; another tenant, track or key has runs of its own', async () => {
  const { runner, settle, done } = newRunner()
  const first = await settle(1)
  expect(await newRunner().settle(2)).toMatchObject({ runId: first.runId, status: 'succeeded', output: { n: 2 } })
  expect(await settle(3, { runKeyTtlMs: 1_000 })).toMatchObject({ runId: first.runId }) // as long as who began it said
  await runner.settleTrack(track, { ...base, tenantId: 'other', n: 6 }, { runKey: 'k' })
  await runner.settleTrack({ ...track, name: 'Other' }, { ...base, n: 7 }, { runKey: 'k' })
  await settle(8, { runKey: 'another' })
  await runner.settleTrack(track, { ...base, n: 9 })
  expect(done).toEqual([1, 6, 7, 8, 9])
})

test.each(['with a journal', 'without one'])('%s: what one who asked does with the output, another does not see, and after its time a new run is begun', async (how) => {
  const runner = createRunner({ registry: suiteTasks, handlers: suiteHandlers, ...(how === 'with a journal' && { journal: createJournal({ folder }) }) })
  const run = (n: number) => runner.runTrack(track, { ...base, n }, { runKey: 'any key, of any letters: ../\0\u{1f600}', runKeyTtlMs: 60_000 }) as Promise<{ n: number }>
  const outputs = await Promise.all([run(1), run(2)])
  const first = outputs[1].n
  expect([2, 3]).toContain(first) // whoever came first
  outputs[0].n = 99
  expect([outputs[1], await run(3)]).toEqual([{ n: first }, { n: first }])
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_001 })
  expect(await run(4)).toEqual({ n: 5 })
})

test('without a journal the key holds for the runner, and a run that failed gives it back', async () => {
  let calls = 0
  const suite_add = async ({ n }: { n: number }) => {
    if (++calls === 1) throw new Error('it broke')
    return { n }
  }
  const open = () => createRunner({ registry: suiteTasks, handlers: { ...suiteHandlers, suite_add }, retry: { maxAttempts: 1 } })
  const runner = open()
  const settle = (n: number, more: object = {}, of = runner) => of.settleTrack(track, { ...base, n, ...more }, { runKey: 'k' })
  expect((await Promise.all([settle(1), settle(2)])).map(({ status }) => status)).toEqual(['failed', 'failed'])
  const [third, fourth] = await Promise.all([settle(3), settle(4)])
  expect([third, fourth]).toMatchObject([{ output: { n: 3 } }, { runId: third.runId, output: { n: 3 } }])
  expect(await settle(5, { tenantId: 'other' })).toMatchObject({ output: { n: 5 } })
  expect(await settle(6, {}, open())).toMatchObject({ output: { n: 6 } })
})

test('of a run that fails in another process, who waited for it is told the same', async () => {
  let release = () => {}
  const held = new Promise<void>((end) => (release = end))
  const [one, other] = [newRunner({ held, fails: () => true }), newRunner()]
  const first = one.settle(1)
  await expect.poll(() => one.done).toHaveLength(1)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
  const second = other.settle(2)
  await expect.poll(() => vi.getTimerCount()).toBeGreaterThan(0) // it looks again and again
  release()
  const { runId } = await first
  expect(await second).toMatchObject({ runId, status: 'failed', error: { code: 'task_failed', message: 'it broke' } })
  expect(other.done).toEqual([])
})

test('after a run that failed, or was deleted, a new one is begun', async () => {
  let fails = true
  const { settle } = newRunner({ fails: () => fails })
  const failed = await settle(1)
  expect(failed).toMatchObject({ status: 'failed' })
  fails = false
  const second = await settle(2)
  expect(second).toMatchObject({ status: 'succeeded', output: { n: 3 } })
  expect(second.runId).not.toBe(failed.runId)
  await createJournal({ folder }).delete(second.runId)
  expect(await settle(3)).toMatchObject({ output: { n: 4 } })
})

test('who no longer waits gives up waiting, and the run goes on', async () => {
  let release = () => {}
  const { settle } = newRunner({ held: new Promise<void>((end) => (release = end)) })
  const run = settle(1)
  await expect.poll(() => createJournal({ folder }).list()).toHaveLength(1)
  const [here, afar] = [settle(2, { signal: AbortSignal.timeout(50) }), newRunner().settle(2, { signal: AbortSignal.timeout(50) })]
  expect(await Promise.all([here, afar])).toMatchObject([{ status: 'cancelled', error: { code: 'cancelled' } }, { status: 'cancelled' }])
  release()
  expect(await run).toMatchObject({ status: 'succeeded' })
})

test('a run whose process was killed is gone on with by who asks for it next', async () => {
  const child = spawn('node', ['--conditions', '@track-orchestrator/source', '--import', 'tsx', fileURLToPath(new URL('../testing/asking-child.ts', import.meta.url)), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) if (line.includes('waits for an answer')) break
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  const done: string[] = []
  const { runner, track: asking } = createAsking(folder, (what) => done.push(what))
  await runner.answer('r1', 'review', { text: 'yes' })
  expect(await runner.settleTrack(asking, { ...base, text: 'a' }, { runKey: 'asking' })).toMatchObject({ runId: 'r1', status: 'succeeded', output: { published: 'yes' } })
  expect(done).toEqual(['publish'])
})

test('of many that ask at once with one key and one id, one begins the run, and the others are given it', async () => {
  const processes = [newRunner(), newRunner()]
  const runs = await Promise.all(processes.flatMap(({ settle }) => [1, 2, 3].map((n) => settle(n, { runId: 'fixed' }))))
  expect(runs.map(({ status, runId }) => [status, runId])).toEqual(runs.map(() => ['succeeded', 'fixed']))
  expect(processes.flatMap(({ done }) => done)).toHaveLength(1)
  await expect(processes[0]!.settle(1, { runId: 'fixed', runKey: 'other' })).rejects.toMatchObject({ code: 'journal/run_exists' })
})

// Four times the keys may take four times as long; were all looked through with every run, sixteen times: seconds.
test('what keys are held for costs no run that begins, however many there are', () => {
  const timeOf = (keys: number) => {
    const held = new HeldRuns()
    const before = process.cpuUsage()
    for (let key = 0; key < keys; key++) void held.run({ whole: `k${key}`, ttlMs: 60_000 }, { kind: 'track', name: 'T', payload: base }, 'r1', undefined, () => new Promise(() => {}))
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  timeOf(1_000)
  expect(timeOf(40_000)).toBeLessThan(Math.max(500_000, 10 * timeOf(10_000)))
})
