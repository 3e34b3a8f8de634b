import { loadVitest } from '@track-orchestrator/registry/vitest'
import { edgeTracks } from './edge-definitions.ts'
import type { EdgeTools } from './engine-under-test.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1' }

/** Tracks with a time limit, and tracks that are walked again. */
export function timeTests({ engine, newJournal, lines }: EdgeTools): void {
  const { expect, test } = loadVitest('engineSuite')
  const settle = (name: keyof typeof edgeTracks, more: object = {}) => engine().runner.settleTrack(edgeTracks[name], { ...base, ...more })

  test.each([
    ['works', 'tooSlow'],
    ['waits', 'waitsTooLong'],
    ['asks, though nobody being there would be skipped', 'askedTooLate'],
    ['has parts that work and wait', 'partsTooSlow'],
  ] as const)('a track whose time is over while it %s fails, and what runs in it is stopped', { timeout: 300_000 }, async (_, name) => {
    const startedAt = Date.now()
    const { name: track } = edgeTracks[name]
    expect(await settle(name)).toMatchObject({ status: 'failed', error: { code: 'timed_out', message: expect.stringContaining(`${track} did not end within 2000 ms`) as string, place: { track } } })
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_900)
  })

  test('a track inside another has a time of its own, and may fall back', { timeout: 300_000 }, async () => {
    expect(await settle('innerTooSlow')).toMatchObject({ status: 'succeeded', output: 'too slow' })
  })

  test('a track that ends in time is as any other', async () => {
    expect(await settle('inTime')).toMatchObject({ status: 'succeeded', output: 1 })
  })

  test.each(['again', 'againInParts', 'againInRace'] as const)('a track that failed with what may pass is walked again, and what finished in it is not: %s', { timeout: 300_000 }, async (name) => {
    const journal = newJournal()
    expect(await settle(name, { journal })).toMatchObject({ status: 'succeeded' })
    const done = lines(journal).filter((line) => !/^(?:begin|end|terminal) /.test(line)) // a track that is stopped may meet again, and one that lost ends as before
    expect(done.toSorted()).toEqual(['at the second time 1', 'at the second time 1', 'well 1'])
  })

  test('a track is not walked again after what can never work, nor more often than it says', { timeout: 300_000 }, async () => {
    const [never, notForever, lost] = [newJournal(), newJournal(), newJournal()]
    expect(await settle('neverAgain', { journal: never })).toMatchObject({ status: 'failed', error: { code: 'terminal' } })
    expect(await settle('notForever', { journal: notForever })).toMatchObject({ status: 'failed', error: { code: 'provider_failed' } })
    expect(await settle('lostForGood', { journal: lost })).toMatchObject({ status: 'failed', error: { code: 'tracks/all_failed', retryable: false } })
    expect([lines(never), lines(notForever), lines(lost)]).toEqual([['terminal 1'], ['provider 1', 'provider 1'], ['terminal 1']])
  })
}
