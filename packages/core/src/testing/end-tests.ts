import type { TracksError } from '@track-orchestrator/registry'
import { loadVitest } from '@track-orchestrator/registry/vitest'
import type { TrackDefinition } from '../definition/definition.ts'
import { edgeOrchestrators, edgeTracks } from './edge-definitions.ts'
import type { EdgeTools } from './engine-under-test.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1' }

/** How runs end: the rows of the table in docs/semantics.md that every engine can show. */
export function endTests({ engine, newJournal, lines, begun }: EdgeTools): void {
  const { expect, test } = loadVitest('engineSuite')
  const settle = (track: TrackDefinition, payload: object = {}, signal?: AbortSignal) => engine().runner.settleTrack(track, { ...base, ...payload }, signal && { signal })

  test('a step whose task was cancelled by somebody else fails the run, which nobody cancelled', async () => {
    expect(await settle(edgeTracks.cancelledChild)).toMatchObject({ status: 'failed', error: { code: 'cancelled', retryable: false, place: { track: 'EdgeCancelledChild', step: 'suite_ends' } } })
  })

  test('an orchestrator halts at a track whose task was cancelled by somebody else: it fails, and its final task does not run', async () => {
    const journal = newJournal()
    const result = await engine().runner.settleOrchestrator(edgeOrchestrators.cancelledChildHalts, { ...base, journal })
    expect(result).toMatchObject({ status: 'failed', error: { code: 'cancelled', place: { track: 'EdgeA' } }, tracks: { EdgeA: { status: 'failed' }, EdgeC: { status: 'cancelled' } } })
    expect(lines(journal)).not.toContain('any')
  })

  test('an orchestrator that goes on skips what depends on such a track', async () => {
    const result = await engine().runner.settleOrchestrator(edgeOrchestrators.cancelledChildContinues, base)
    expect(result).toMatchObject({ status: 'succeeded', output: ['EdgeB'], tracks: { EdgeA: { status: 'failed' }, EdgeB: { status: 'succeeded' }, EdgeC: { status: 'skipped', because: 'EdgeA' } } })
  })

  test('what was told to stop is cancelled, though its last step answers nevertheless', async () => {
    const journal = newJournal()
    const controller = new AbortController()
    const settled = settle(edgeTracks.whenStopped, { journal }, controller.signal)
    await begun(journal)
    controller.abort()
    expect(await settled).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
  })

  test('a run that is cancelled while a merge, or its final task, goes on is cancelled, whatever they come to', async () => {
    for (const settleIt of [
      (journal: string, signal: AbortSignal) => settle(edgeTracks.longMerge, { journal }, signal),
      (journal: string, signal: AbortSignal) => engine().runner.settleOrchestrator(edgeOrchestrators.stoppedFinal, { ...base, journal }, { signal }),
    ]) {
      const journal = newJournal()
      const controller = new AbortController()
      const settled = settleIt(journal, controller.signal)
      await begun(journal)
      controller.abort()
      expect(await settled).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
    }
  })

  test('a run that waits for its next attempt is cancelled at once', async () => {
    const journal = newJournal()
    const controller = new AbortController()
    const settled = settle(edgeTracks.busy, { journal }, controller.signal)
    await begun(journal)
    controller.abort()
    expect(await settled).toMatchObject({ status: 'cancelled' })
    expect(lines(journal)).toEqual(['busy 1'])
  })

  test('who asks for a wait of more than 10 minutes ends the step', async () => {
    const journal = newJournal()
    expect(await settle(edgeTracks.busyForLong, { journal })).toMatchObject({ status: 'failed', error: { code: 'task_failed', message: 'come back in an hour', retryable: true } })
    expect(lines(journal)).toEqual(['busy for long 1'])
  })

  test('an answer that comes after its time limit has timed out', async () => {
    expect(await settle(edgeTracks.stubborn)).toMatchObject({ status: 'failed', error: { code: 'timed_out', place: { step: 'suite_stubborn', attempt: 1 } } })
  })

  test('the time that a task waits for others does not count', async () => {
    expect(await settle(edgeTracks.waits, { ms: 1_500 })).toMatchObject({ status: 'succeeded', output: { ms: 1_500 } })
  })

  test('after the first sub-track that fails, those that still waited do not start', async () => {
    const journal = newJournal()
    expect(await settle(edgeTracks.oneByOne, { journal })).toMatchObject({ status: 'failed', error: { code: 'terminal', place: { track: 'EdgeFirstFails' } } })
    expect(lines(journal)).toEqual(['terminal 1'])
  })

  test('where several sub-tracks go on at once and one fails, the others are stopped, and those that still waited do not start', async () => {
    const journal = newJournal()
    expect(await settle(edgeTracks.twoByTwo, { journal })).toMatchObject({ status: 'failed', error: { code: 'terminal', place: { track: 'EdgeTwoFails' } } })
    expect(lines(journal)).not.toContain('well 1')
  })

  test('race: the first sub-track that succeeds wins, those that fail before are passed over, and the others are stopped', async () => {
    const journal = newJournal()
    expect(await settle(edgeTracks.race, { journal })).toMatchObject({ status: 'succeeded', output: { name: 'quick' } })
    expect(lines(journal)).not.toContain('well 1')
  })

  test('race: with a limit, those that still wait when one has won do not start', async () => {
    const journal = newJournal()
    expect(await settle(edgeTracks.raceOneByOne, { journal })).toMatchObject({ status: 'succeeded', output: { how: 'well' } })
    expect(lines(journal)).toEqual(['terminal 1', 'well 1'])
  })

  test('race: where no sub-track succeeds, the error says how each ended', async () => {
    const result = await settle(edgeTracks.lostRace)
    expect(result).toMatchObject({ status: 'failed', error: { code: 'tracks/all_failed', retryable: false, place: { track: 'EdgeLostRace' } } })
    const { error } = result as { error: TracksError }
    expect(error.message).toContain('EdgeLostOne: no; EdgeLostTwo: ')
    expect(error.items).toMatchObject([{ status: 'failed', error: { code: 'terminal' } }, { status: 'failed', error: { code: 'cancelled' } }])
  })

  test('where an item fails, all items run, and then the step fails with the number of the item', async () => {
    const journal = newJournal()
    expect(await settle(edgeTracks.finish, { journal })).toMatchObject({ status: 'failed', error: { code: 'terminal', place: { track: 'EdgeFinish', step: 'suite_ends', item: 1 } } })
    expect(lines(journal)).toEqual(['well 1', 'terminal 1', 'well 1'])
  })

  test('onItemError halt: where an item fails, no more are started', async () => {
    const journal = newJournal()
    expect(await settle(edgeTracks.halt, { journal })).toMatchObject({ status: 'failed', error: { code: 'terminal', place: { item: 1 } } })
    expect(lines(journal)).toEqual(['well 1', 'terminal 1'])
  })

  test.each(['uneven', 'unevenQueued', 'unevenLimited', 'unevenItems', 'unevenBranches'] as const)('as one item ends the next begins, and no more go on at once than may (%s)', async (which) => {
    const journal = newJournal()
    expect(await settle(edgeTracks[which], { journal })).toMatchObject({ status: 'succeeded', output: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name })) })
    let going = 0
    expect(Math.max(...lines(journal).map((line) => (going += line.startsWith('begin') ? 1 : -1)))).toBe(2)
  })

  test.each(['haltUneven', 'haltUnevenQueued', 'haltUnevenItems'] as const)('onItemError halt: of several at once, those that have not begun when one fails do not begin, and the error says how each ended (%s)', async (which) => {
    const journal = newJournal()
    const result = await settle(edgeTracks[which], { journal })
    expect(result).toMatchObject({ status: 'failed', error: { code: 'terminal', place: { item: 0 } } })
    const ends = ((result as { error: TracksError }).error.items ?? []).map(({ status }) => status)
    expect([ends.length, ends[0], ends.at(-1)]).toEqual([20, 'failed', 'cancelled'])
    expect(lines(journal).filter((line) => line === 'well 1')).toHaveLength(ends.filter((status) => status === 'succeeded').length)
  })

  test('onItemError continue: the ends of all items are handed on as data', async () => {
    expect(await settle(edgeTracks.continueOn)).toMatchObject({
      status: 'succeeded',
      output: [
        { status: 'succeeded', output: { how: 'well' } },
        { status: 'failed', error: { code: 'terminal', message: 'no', place: { item: 1 } } },
        { status: 'succeeded', output: { how: 'well' } },
      ],
    })
  })

  test('an item that is a track is named by its number, too', async () => {
    expect(await settle(edgeTracks.itemTracks)).toMatchObject({ status: 'failed', error: { code: 'terminal', place: { track: 'EdgeItem', step: 'suite_ends', item: 1 } } })
  })
}
