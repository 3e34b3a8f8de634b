import { loadVitest } from '@track-orchestrator/registry/vitest'
import type { EdgeTools } from './engine-under-test.ts'
import { payingTracks } from './paying-tasks.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1' }

/** What handlers report that they have paid, and limits on it. */
export function costTests({ engine }: EdgeTools): void {
  const { expect, test } = loadVitest('engineSuite')

  test('what handlers pay is added up by step, track and run: of failed attempts, of items, of tracks side by side, and of tasks that handlers ask for', async () => {
    const { status, costs } = await engine().runner.settleTrack(payingTracks.paysEverywhere, base)
    expect(status).toBe('succeeded')
    expect(costs).toEqual({
      total: { coins: 18 },
      reused: {},
      byPath: {
        EdgePaysEverywhere: { coins: 18 },
        'EdgePaysEverywhere/twice': { coins: 4 },
        'EdgePaysEverywhere/each': { coins: 3 },
        'EdgePaysEverywhere/EdgePaysOne': { coins: 1 },
        'EdgePaysEverywhere/EdgePaysOne/pay': { coins: 1 },
        'EdgePaysEverywhere/EdgePaysTwo': { coins: 10 },
        'EdgePaysEverywhere/EdgePaysTwo/others': { coins: 10 },
      },
    })
  })

  test('what was paid for a run that fails is told', async () => {
    expect(await engine().runner.settleTrack(payingTracks.paysInVain, base)).toMatchObject({ status: 'failed', costs: { total: { coins: 6 }, byPath: { 'EdgePaysInVain/lost': { coins: 6 } } } })
    expect(await engine().runner.settleTrack(payingTracks.othersPayInVain, base)).toMatchObject({ status: 'failed', error: { code: 'terminal' }, costs: { total: { coins: 0.5 } } })
  })

  test('a run stops before the next step that may cost something, once its limit is reached', async () => {
    const { runner } = engine()
    const ended = await runner.settleTrack(payingTracks.paysOn, base, { limits: { cost: { coins: 8 } } })
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'cost/limit_reached', retryable: false, place: { track: 'EdgePaysOn', step: 'c' } }, costs: { total: { coins: 10 } } })
    expect((ended as { error: Error }).error.message).toMatch(/^Step c of EdgePaysOn was not begun: The run has spent 10 coins of 8 coins\. Resume it with a higher limit/)
    expect(await runner.settleTrack(payingTracks.paysOn, base, { limits: { cost: { coins: 15 } } })).toMatchObject({ status: 'succeeded', costs: { total: { coins: 15 } } })
  })

  test('a run stops before a step that says that it would go beyond the limit, also among items that begin at once', async () => {
    const { runner } = engine()
    expect(await runner.settleTrack(payingTracks.paysAsSaid, base, { limits: { cost: { coins: 10 } } })).toMatchObject({ status: 'failed', error: { code: 'cost/limit_reached', place: { step: 'c' } }, costs: { total: { coins: 9 } } })
    expect(await runner.settleTrack(payingTracks.paysAsSaid, base, { limits: { cost: { coins: 13 } } })).toMatchObject({ status: 'succeeded', costs: { total: { coins: 13 } } })
  })
}
