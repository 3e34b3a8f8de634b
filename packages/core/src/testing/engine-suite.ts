import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TracksError, type ContractError } from '@track-orchestrator/registry'
import { loadVitest } from '@track-orchestrator/registry/vitest'
import { approvalTests } from './approval-tests.ts'
import { costTests } from './cost-tests.ts'
import { errorTests, inlineTests, valueTests } from './edge-tests.ts'
import { endTests } from './end-tests.ts'
import type { EngineUnderTest } from './engine-under-test.ts'
import { failureOf } from './failure-of.ts'
import { repeatTests } from './repeat-tests.ts'
import { runKeyTests } from './run-key-tests.ts'
import { timeTests } from './time-tests.ts'
import { waitTests } from './wait-tests.ts'
import { suiteOrchestrators, suiteTracks } from './suite-definitions.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1', userId: 'user-1', trampData: { job: { id: 'j-1', tags: ['a'] } } }
const seen = { ...base, attempt: 1 }

export interface EngineSuiteOptions {
  /** Of the widest `forEach`. Default 2,500: an engine for which each item is a process's work may want fewer. */
  readonly manyItems?: number
}

/** The behaviour that every engine owes its users. `open` is called once. Needs vitest. */
export function engineSuite(title: string, open: () => Promise<EngineUnderTest> | EngineUnderTest, { manyItems = 2_500 }: EngineSuiteOptions = {}): void {
  const { afterAll, beforeAll, describe, expect, test } = loadVitest('engineSuite')
  describe(title, () => {
    let engine: EngineUnderTest
    let folder: string
    let journals = 0
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'engine-suite-'))
      engine = await open()
    })
    afterAll(async () => {
      await engine?.close?.()
      rmSync(folder, { recursive: true, force: true })
    })
    const newJournal = () => join(folder, `journal-${++journals}`)
    const lines = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])
    const begun = (file: string, count = 1) => expect.poll(() => lines(file).length, { timeout: 240_000 }).toBeGreaterThanOrEqual(count)

    test('carries trampData and base fields through every kind of step, whatever a mapper returns', async () => {
      const { value, seen: last } = await engine.runner.runTrack(suiteTracks.everyStep, { ...base, value: 'v' })
      expect(last).toEqual(seen)
      expect(value).toEqual([seen, { value: ['v', 'tenant-1', JSON.stringify(base.trampData)], seen }, [seen], seen, seen, base.trampData])
    })

    test('tries a failing task again, as often as its contract allows', async () => {
      const journal = newJournal()
      expect(await engine.runner.runTrack(suiteTracks.failing, { ...base, failures: 2, how: 'provider', journal })).toEqual({ attempt: 3 })
      expect(lines(journal)).toEqual(['fail 1', 'fail 2', 'fail 3'])
    })

    test('gives up after the last attempt, with the code, the place and what was thrown', async () => {
      const error = await failureOf(engine.runner.runTrack(suiteTracks.failing, { ...base }))
      expect(TracksError.is(error)).toBe(true)
      expect(error).toMatchObject({ code: 'task_failed', message: 'an error of its own', place: { track: 'SuiteFailing', step: 'suite_fail', taskName: 'suite_fail', attempt: 3 } })
    })

    test('tries what can never work only once', async () => {
      const journal = newJournal()
      const error = await failureOf(engine.runner.runTrack(suiteTracks.failing, { ...base, how: 'terminal', journal }))
      expect(error).toMatchObject({ code: 'suite/never', retryable: false, message: 'this will never work' })
      expect(lines(journal)).toEqual(['fail 1'])
    })

    test('refuses an output that breaks its contract, once, and says where', async () => {
      const journal = newJournal()
      const error = (await failureOf(engine.runner.runTrack(suiteTracks.failing, { ...base, how: 'output', journal }))) as ContractError
      expect(error).toMatchObject({ code: 'contract_violated', taskName: 'suite_fail', side: 'output' })
      expect(error.issues.map(({ path }) => path)).toEqual([['deep', 'list', 1]])
      expect(lines(journal)).toEqual(['fail 1'])
    })

    test('refuses an input that breaks its contract before anything runs', async () => {
      const journal = newJournal()
      const error = (await failureOf(engine.runner.runTrack(suiteTracks.failing, { ...base, failures: 'many' as never, journal }))) as ContractError
      expect(error).toMatchObject({ code: 'contract_violated', taskName: 'suite_fail', side: 'input', issues: [{ path: ['failures'] }] })
      expect(lines(journal)).toEqual([])
    })

    test('refuses a payload without a tenant, naming the field', async () => {
      const error = (await failureOf(engine.runner.runTrack(suiteTracks.each, { projectId: 'p', count: 1 } as never))) as ContractError
      expect(error).toMatchObject({ code: 'contract_violated', taskName: 'SuiteEach', side: 'input', issues: [{ path: ['tenantId'] }] })
    })

    test.each([0, 1, manyItems])('runs a step for each of %i items, and keeps their order', { timeout: 600_000 }, async (count) => {
      const outputs = await engine.runner.runTrack(suiteTracks.each, { ...base, count })
      expect(outputs).toEqual(Array.from({ length: count }, (_, n) => ({ n: n + 1 })))
    })

    test('runs composite tracks inside composite tracks, and merges them', async () => {
      expect(await engine.runner.runTrack(suiteTracks.nested, { ...base, n: 1 })).toEqual({ pair: 3_012, one: 2 })
    })

    test('lets a handler fan out to other tasks, and keeps their order', async () => {
      const { sum, order } = await engine.runner.runTrack(suiteTracks.fanOut, { ...base, count: 5, concurrency: 2 })
      expect(order).toEqual([100, 101, 102, 103, 104])
      expect(sum).toBe(510)
    })

    test('gives a handler the failure of a task it fanned out to', async () => {
      const error = await failureOf(engine.runner.runTrack(suiteTracks.fanOut, { ...base, count: 3, failAt: 1 }))
      expect(error).toMatchObject({ code: 'contract_violated', taskName: 'suite_add', side: 'input' })
    })

    test('starts no track before all that it waits for has ended', async () => {
      const outputs = await engine.runner.runOrchestrator(suiteOrchestrators.partialOrder, { ...base })
      const { A, B, C, D } = outputs
      expect(C.startedAt).toBeGreaterThanOrEqual(A.endedAt)
      expect(D.startedAt).toBeGreaterThanOrEqual(Math.max(A.endedAt, B.endedAt))
    })

    test('halts: cancels what runs, starts nothing more, and throws the error of the track that failed', async () => {
      const journal = newJournal()
      const result = await engine.runner.settleOrchestrator(suiteOrchestrators.halting, { ...base, journal })
      expect(result).toMatchObject({ status: 'failed', error: { code: 'suite/never', place: { track: 'Breaks', step: 'suite_fail' } } })
      expect(Object.entries(result.tracks).map(([name, { status }]) => `${name} ${status}`)).toEqual(['Breaks failed', 'Slow cancelled', 'After cancelled', 'AfterThat cancelled'])
      expect(lines(journal)).not.toContain('end Slow')
    })

    test('continues: skips only what depends on the failed track, says because of whom, and runs the final task', async () => {
      const result = await engine.runner.settleOrchestrator(suiteOrchestrators.continuing, { ...base })
      expect(result).toMatchObject({ status: 'succeeded', output: { value: ['Unhurt'] } })
      expect(result.tracks).toMatchObject({
        Breaks: { status: 'failed', error: { code: 'suite/never' } },
        Unhurt: { status: 'succeeded' },
        After: { status: 'skipped', because: 'Breaks' },
        AfterThat: { status: 'skipped', because: 'After' },
      })
    })

    test('carries a cancellation in the middle to the handler, and starts nothing more', async () => {
      const journal = newJournal()
      const controller = new AbortController()
      const settled = engine.runner.settleTrack(suiteTracks.longSleep, { ...base, journal }, { signal: controller.signal })
      await begun(journal)
      controller.abort()
      expect(await settled).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
      // Where the handler runs in another process, it is told a moment later.
      await expect.poll(() => lines(journal), { timeout: 120_000 }).toEqual(['begin long', 'stopped long'])
    })

    test('runs a single task by its name', async () => {
      expect(await engine.runner.runSingleTask('suite_add', { ...base, n: 1, by: 2 })).toEqual({ n: 3 })
    })

    const tools = { engine: () => engine, newJournal, lines, begun }
    describe('how runs end', () => endTests(tools))
    describe('what is handed on', () => valueTests(tools))
    describe('what went wrong, and where', () => errorTests(tools))
    describe('waits', () => waitTests(tools))
    describe('questions', () => approvalTests(tools))
    describe('time limits and retries of tracks', () => timeTests(tools))
    describe('steps that repeat', () => repeatTests(tools))
    describe('run keys', () => runKeyTests(tools))
    describe('costs', () => costTests(tools))
    describe('inline tasks', () => inlineTests(tools))
  })
}
