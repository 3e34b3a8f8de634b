import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadVitest } from '@track-orchestrator/registry/vitest'
import type { RunResult } from '../run/runs.ts'
import type { EngineUnderTest } from './engine-under-test.ts'
import { goingOn, goingOnAgain } from './going-on-story.ts'

/** An engine that goes on with earlier runs of `suiteOrchestrators`. */
export interface GoingOnEngine extends EngineUnderTest {
  readonly resume: (runId: string) => Promise<RunResult>
  readonly fork: (runId: string, how: { readonly from?: string; readonly set?: Readonly<Record<string, unknown>> }) => Promise<RunResult>
}

const base = { tenantId: 'tenant-1', projectId: 'project-1' }
const before = ['each 0', 'each 1', 'each 2', 'first', 'left', 'right', 'sum']
const end = ['final', 'join', 'last']

/** Runs that are resumed and forked end with the same, and have the same steps run again, on every engine. `open` is called once. Needs vitest. */
export function goingOnSuite(title: string, open: () => Promise<GoingOnEngine> | GoingOnEngine): void {
  const { afterAll, beforeAll, describe, expect, test } = loadVitest('goingOnSuite')
  describe(`${title}: going on`, { timeout: 240_000 }, () => {
    let engine: GoingOnEngine
    let folder: string
    let stories = 0
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'going-on-suite-'))
      engine = await open()
    })
    afterAll(async () => {
      await engine?.close?.()
      rmSync(folder, { recursive: true, force: true })
    })

    /** A run of its own, whose gate is open or not. */
    const begin = async (isOpen: boolean, flow = goingOn) => {
      const journal = join(folder, `journal-${++stories}`)
      const gate = join(folder, `gate-${stories}`)
      const openGate = () => writeFileSync(gate, '')
      if (isOpen) openGate()
      const run = await engine.runner.settleOrchestrator(flow, { ...base, n: 1, journal, gate })
      let seen = 0
      /** The steps that ran since the last look. */
      const told = () => {
        const lines = readFileSync(journal, 'utf8').trim().split('\n')
        const fresh = lines.slice(seen)
        seen = lines.length
        return fresh.toSorted()
      }
      return { run, told, openGate, closeGate: () => rmSync(gate) }
    }
    const comesTo = (result: RunResult, n: number) => expect(result).toMatchObject({ status: 'succeeded', output: { n } })

    test('a run that failed is resumed where it broke, and one that has succeeded runs nothing again', async () => {
      const { run, told, openGate } = await begin(false)
      expect(run).toMatchObject({ status: 'failed', error: { message: 'join is not let in yet', place: { track: 'GoingOnEnd', step: 'join' } } })
      expect(told()).toEqual([...before, 'join'].toSorted())
      openGate()
      const resumed = await engine.resume(run.runId)
      comesTo(resumed, 2_214)
      expect(told()).toEqual(end)
      comesTo(await engine.resume(resumed.runId), 2_214)
      expect(told()).toHaveLength(0)
    })

    test('a fork does anew what comes from its step on, with what is set there, and so does a fork of it; the first run stays as it is', async () => {
      const { run, told } = await begin(true)
      comesTo(run, 2_214)
      told()
      const edited = await engine.fork(run.runId, { from: 'each[1]', set: { n: 50 } })
      comesTo(edited, 2_310) // 1, 50, 3
      expect(told()).toEqual(['each 1', ...end, 'sum'].toSorted())
      const editedTwice = await engine.fork(edited.runId, { from: 'left', set: { n: 200 } })
      comesTo(editedTwice, 2_510)
      expect(told()).toEqual([...end, 'left'].toSorted())
      comesTo(await engine.fork(editedTwice.runId, { from: 'GoingOnEnd/last', set: { n: 7 } }), 14)
      expect(told()).toEqual(['final', 'last'])
      comesTo(await engine.resume(run.runId), 2_214)
      expect(told()).toHaveLength(0)
    })

    test('a step that repeats is gone on with at the time that broke, and a fork from one of its times does it and those after it anew', async () => {
      const { run, told, openGate } = await begin(false, goingOnAgain)
      expect(run).toMatchObject({ status: 'failed', error: { message: 'more 2 is not let in yet', place: { track: 'GoingOnTime', step: 'more', item: 1 } } })
      expect(told()).toEqual(['more 1', 'more 2'])
      openGate()
      const resumed = await engine.resume(run.runId)
      comesTo(resumed, 8)
      expect(told()).toEqual(['final', 'more 2', 'more 3'])
      comesTo(await engine.fork(resumed.runId, { from: 'times[1]' }), 8)
      expect(told()).toEqual(['final', 'more 2', 'more 3'])
      comesTo(await engine.fork(resumed.runId, { from: 'times[1]', set: { n: 10 } }), 24)
      expect(told()).toEqual(['final', 'more 10', 'more 11'])
    })

    test('two forks share nothing of what they do anew', async () => {
      const { run, told } = await begin(true)
      told()
      for (let count = 0; count < 2; count++) comesTo(await engine.fork(run.runId, { from: 'last' }), 2_214)
      expect(told()).toEqual(['final', 'final', 'last', 'last'])
    })

    test('a fork that failed is resumed with what was set in it', async () => {
      const { run, told, openGate, closeGate } = await begin(true)
      closeGate()
      told()
      const fork = await engine.fork(run.runId, { from: 'sum', set: { n: 10 } })
      expect(fork).toMatchObject({ status: 'failed', error: { place: { step: 'join' } } })
      expect(told()).toEqual(['join', 'sum'])
      openGate()
      comesTo(await engine.resume(fork.runId), 2_222)
      expect(told()).toEqual(end)
    })

    test('what is set without a step is of the payload: what has the same input as before is taken over', async () => {
      const { run, told } = await begin(true)
      told()
      comesTo(await engine.fork(run.runId, { set: { n: 2 } }), 2_220) // 2, 3, 4
      expect(told()).toEqual(['each 0', 'each 1', 'each 2', 'first', ...end, 'sum'].toSorted())
    })

    test('a step that is not there is told with the nearest one, and nothing runs', async () => {
      const { run, told } = await begin(true)
      told()
      const error = await engine.fork(run.runId, { from: 'lastt' }).then((result) => (result as { error?: unknown }).error, (thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'definition_invalid', message: expect.stringMatching(/There is no step "lastt"\. Did you mean "last"\?/) as string })
      expect(told()).toHaveLength(0)
    })
  })
}
