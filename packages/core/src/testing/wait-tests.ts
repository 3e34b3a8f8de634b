import { setTimeout as delay } from 'node:timers/promises'
import { loadVitest } from '@track-orchestrator/registry/vitest'
import { edgeTracks } from './edge-definitions.ts'
import type { EdgeTools } from './engine-under-test.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1' }

/** Steps that wait. */
export function waitTests({ engine, newJournal, lines, begun }: EdgeTools): void {
  const { expect, test } = loadVitest('engineSuite')
  test('a step that waits takes its time, and hands on what came before it', async () => {
    const startedAt = Date.now()
    expect(await engine().runner.runTrack(edgeTracks.waiting, base)).toEqual({ at: 'before', waited: 4, isNothing: true })
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_490)
  })

  test('a run that is cancelled while it waits is cancelled at once, and goes no further', async () => {
    const journal = newJournal()
    const controller = new AbortController()
    const settled = engine().runner.settleTrack(edgeTracks.waitingLong, { ...base, journal }, { signal: controller.signal })
    await begun(journal)
    await delay(500)
    controller.abort()
    expect(await settled).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
    expect(lines(journal)).toEqual(['well 1'])
  })

  test('a track that waits hears of the failure of another', { timeout: 300_000 }, async () => {
    expect(await engine().runner.settleTrack(edgeTracks.haltedWaits, base)).toMatchObject({ status: 'failed', error: { code: 'terminal', place: { track: 'EdgeFailsBeside' } } })
  })

  test('a moment that is none fails the step', async () => {
    expect(await engine().runner.settleTrack(edgeTracks.badMoment, base)).toMatchObject({ status: 'failed', error: { code: 'mapper_failed', place: { step: 'wait' } } })
  })
}
