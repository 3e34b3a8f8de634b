import { setTimeout as delay } from 'node:timers/promises'
import { loadVitest } from '@track-orchestrator/registry/vitest'
import { answerWhenAsked } from './approval-tests.ts'
import { edgeTracks } from './edge-definitions.ts'
import type { EdgeTools } from './engine-under-test.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1' }

/** Steps that repeat a track. */
export function repeatTests({ engine, newJournal, lines, begun }: EdgeTools): void {
  const { expect, test } = loadVitest('engineSuite')
  const settle = (name: keyof typeof edgeTracks, more: object = {}, signal?: AbortSignal) => engine().runner.settleTrack(edgeTracks[name], { ...base, ...more }, signal && { signal })

  test('a step runs its track until that is enough, each time on what came before, and hands on what the last time made', async () => {
    const journal = newJournal()
    expect(await settle('repeated', { n: 0, journal })).toMatchObject({ status: 'succeeded', output: { prev: 3, tries: 3 } })
    expect(lines(journal)).toEqual(['add 0', 'add 1', 'add 2'])
  })

  test('without next, each time has the same input', async () => {
    const journal = newJournal()
    expect(await settle('repeatedSame', { n: 5, journal })).toMatchObject({ status: 'succeeded', output: { n: 6 } })
    expect(lines(journal)).toEqual(['add 5', 'add 5', 'add 5'])
  })

  test('what is repeated may repeat inside, have parts, and run a step for each item', { timeout: 300_000 }, async () => {
    expect(await settle('repeatedParts', { n: 1 })).toMatchObject({ status: 'succeeded', output: { n: 181 } })
    expect(await settle('repeatedItems', { count: 1 })).toMatchObject({ status: 'succeeded', output: [{ n: 1 }, { n: 2 }, { n: 3 }] })
  })

  test('what asks in a track that is repeated asks anew each time, and each question is told by its path', { timeout: 300_000 }, async (context) => {
    if (!engine().start) context.skip()
    const run = await engine().start!(edgeTracks.repeatedReview, base)
    await answerWhenAsked(run, 'tries[0]/review', { text: 'not yet' })
    await answerWhenAsked(run, 'tries[1]/review', { text: 'good' })
    expect(await run.ended).toMatchObject({ status: 'succeeded', output: { text: 'good' } })
  })

  test('where no time was enough, the step fails after as many as it may have, or falls back', async () => {
    const journal = newJournal()
    expect(await settle('neverEnough', { n: 0, journal })).toMatchObject({
      status: 'failed',
      error: { code: 'repeat/not_reached', retryable: false, message: expect.stringContaining('step tries of EdgeNeverEnough ran 2 times') as string, place: { track: 'EdgeNeverEnough', step: 'tries', item: 1 } },
    })
    expect(lines(journal)).toEqual(['add 0', 'add 1'])
    expect(await settle('neverEnoughOnce', { n: 0 })).toMatchObject({ status: 'succeeded', output: { n: -1 } })
  })

  test('a step that is skipped does not begin to repeat', async () => {
    expect(await settle('repeatSkipped', { n: 7 })).toMatchObject({ status: 'succeeded', output: { n: 7 } })
  })

  test('a time that fails is the last, and the error has its number', async () => {
    expect(await settle('secondTimeFails')).toMatchObject({ status: 'failed', error: { code: 'terminal', place: { track: 'EdgeEndsOnce', step: 'suite_ends', item: 1 } } })
  })

  test.each([
    ['untilThrows', /repeat\.until of step tries of EdgeUntilThrows threw: no idea/],
    ['untilOdd', /must answer true or false, not number/],
    ['untilChanges', /read-only/],
    ['nextThrows', /repeat\.next of step tries of EdgeNextThrows threw: no idea/],
  ] as const)('a function of a repeat that does not do what it must fails the step: %s', async (name, message) => {
    expect(await settle(name, { n: 0 })).toMatchObject({ status: 'failed', error: { code: 'mapper_failed', retryable: false, message: expect.stringMatching(message) as string, place: { track: edgeTracks[name].name, step: 'tries', item: 0 } } })
  })

  test('what next makes is checked by the task that it goes to', async () => {
    expect(await settle('nextOdd', { n: 0 })).toMatchObject({ status: 'failed', error: { code: 'contract_violated', place: { track: 'EdgeCounts', step: 'suite_add', item: 1 } } })
  })

  test('a run that is cancelled in the midst of its times begins no other', { timeout: 300_000 }, async () => {
    const journal = newJournal()
    const controller = new AbortController()
    const settled = settle('repeatsForLong', { journal }, controller.signal)
    await begun(journal, 2)
    controller.abort()
    expect(await settled).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
    const done = lines(journal).length
    await delay(2_000)
    expect(lines(journal).length).toBeLessThanOrEqual(done + 1) // the one that had begun
  })

  test('the time of the track around it is looked at between its times', { timeout: 300_000 }, async () => {
    expect(await settle('repeatsTooLong')).toMatchObject({ status: 'failed', error: { code: 'timed_out', place: { track: 'EdgeRepeatsTooLong' } } })
  })

  test('where the track around it is walked again, times that finished are not', { timeout: 300_000 }, async () => {
    const journal = newJournal()
    expect(await settle('repeatsAgain', { n: 0, journal })).toMatchObject({ status: 'succeeded', output: { n: 2 } })
    expect(lines(journal)).toEqual(['add 0', 'well 1', 'add 1', 'at the second time 1', 'at the second time 1'])
  })
}
