import { expect, test } from 'vitest'
import type { OpenSession } from './cli-session.ts'
import { criticalPath, levelByLevel } from './uneven-graph.ts'

/** Tracks in the chain that tells what a hop costs. */
const chainLength = 4

/** No track waits for another that it does not depend on. */
export function noBarrierTests(open: OpenSession): void {
  test('an uneven graph takes as long on Trigger.dev as its longest path, and less than level by level', { retry: 2 }, async () => {
    const { run } = await open()
    const timed = async (task: string, scale: number) => {
      const startedAt = Date.now()
      expect(await run(task, { tenantId: 't', projectId: 'p', scale })).toMatchObject({ isSuccess: true })
      return Date.now() - startedAt
    }
    // The machine may have other things to do just then: hence the retries, each measured anew. Every run has its own process; those of the widest moment are to be there already.
    await timed('Uneven', 0)
    const hopMs = (await timed('HopChain', 0)) / chainLength
    const tookMs = await timed('Uneven', 1)
    const byLevelMs = await timed('level-by-level', 1)
    const times = { hopMs, tookMs, criticalPathMs: criticalPath(hopMs), byLevelMs, byLevelComputedMs: levelByLevel(hopMs) }
    console.info('no barrier', times)
    expect(tookMs).toBeLessThan(1.15 * times.criticalPathMs)
    expect(tookMs).toBeLessThan(times.byLevelComputedMs)
    expect(tookMs).toBeLessThan(byLevelMs)
  })
}
