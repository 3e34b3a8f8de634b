import { setTimeout as delay } from 'node:timers/promises'
import type { TracksError } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import type { TrackDefinition } from '../definition/definition.ts'
import { edgeOrchestrators, edgeTracks } from './edge-definitions.ts'
import type { EngineUnderTest } from './engine-under-test.ts'
import { failureOf } from './failure-of.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1' }

/** What the tests need of the suite that they are part of. */
export interface EdgeTools {
  readonly engine: () => EngineUnderTest
  readonly newJournal: () => string
  readonly lines: (file: string) => string[]
}

/** How runs end: the rows of the table in docs/semantics.md that every engine can show. */
export function endTests({ engine, newJournal, lines }: EdgeTools): void {
  const settle = (track: TrackDefinition, payload: object = {}, signal?: AbortSignal) => engine().runner.settleTrack(track, { ...base, ...payload }, signal && { signal })
  const begun = async (journal: string) => {
    for (let tries = 0; tries < 600 && lines(journal).length === 0; tries++) await delay(50)
  }

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
    expect(await settle(edgeTracks.waits, { ms: 900 })).toMatchObject({ status: 'succeeded', output: { ms: 900 } })
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

  test('as one item ends the next begins, and no more go on at once than may', async () => {
    const journal = newJournal()
    // The first goes on until the last has begun.
    expect(await settle(edgeTracks.uneven, { journal })).toMatchObject({ status: 'succeeded', output: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name })) })
    let going = 0
    expect(Math.max(...lines(journal).map((line) => (going += line.startsWith('begin') ? 1 : -1)))).toBe(2)
  })

  test('onItemError halt: of several at once, those that have not begun when one fails do not begin, and the error says how each ended', async () => {
    const journal = newJournal()
    const result = await settle(edgeTracks.haltUneven, { journal })
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

/** What is handed on: the same on every engine. */
export function valueTests({ engine }: EdgeTools): void {
  const run = (track: TrackDefinition, payload: object = {}): Promise<unknown> => engine().runner.runTrack(track, { ...base, ...payload })

  test('two sub-tracks see the same, and what one of them would change is read-only', async () => {
    expect(await run(edgeTracks.both)).toEqual({ EdgeLooks: [1], EdgeLooksToo: [1] })
    expect(await failureOf(run(edgeTracks.bothPush))).toMatchObject({ code: 'mapper_failed', message: expect.stringContaining('read-only') as string, place: { track: 'EdgePushesFirst', step: 'suite_any' } })
  })

  test('every attempt has an input of its own', async () => {
    expect(await run(edgeTracks.changesInput)).toEqual({ list: [9, 1, 2, 3] })
  })

  test('an output is parsed once: the next step sees what the schema made of it', async () => {
    expect(await run(edgeTracks.pipe)).toEqual({ n: 5, text: 'x!' })
  })

  test('an output may be undefined or null, and is that for the next step', async () => {
    expect(await run(edgeTracks.optional)).toEqual({ isUndefined: true, isThere: true })
    expect(await run(edgeTracks.nothing)).toEqual({ isNull: true })
  })

  test('what is no JSON is refused, in outputs, in what a mapper returns and in what a merge returns', async () => {
    expect(await failureOf(run(edgeTracks.undefinedInList))).toMatchObject({ code: 'contract_violated', side: 'output', issues: [{ path: ['list', 0] }] })
    expect(await failureOf(run(edgeTracks.dateFromMapper))).toMatchObject({ code: 'contract_violated', side: 'input', issues: [{ path: ['value'] }], place: { track: 'EdgeDateFromMapper', step: 'suite_any' } })
    expect(await failureOf(run(edgeTracks.badMerge))).toMatchObject({ code: 'contract_violated', issues: [{ path: ['at'] }], place: { track: 'EdgeBadMerge' } })
  })

  test('steps may be called what every object has, numerals, and words of any script', async () => {
    const { outputs, isUnknown } = (await run(edgeTracks.names)) as { outputs: [string, unknown][]; isUnknown: boolean }
    expect(new Map(outputs)).toEqual(new Map([['constructor', 1], ['2', 2], ['音 声', 3]]))
    expect(isUnknown).toBe(true)
  })

  test('fields, tracks and what trampData holds may be called what every object has: constructor, __proto__ and the like', async () => {
    const json = '{"constructor":{"name":"x"},"prototype":[{"constructor":1}],"__proto__":{"polluted":true},"toJSON":"x","toString":1,"then":1,"length":2,"json":"{}"}'
    const value: unknown = JSON.parse(json)
    // As JSON: whether a key is really there, `toEqual` does not always see.
    expect(JSON.stringify(await run(edgeTracks.keyed, { trampData: { constructor: 1 } }))).toBe(json)
    expect(JSON.stringify(await run(edgeTracks.keyedItems))).toBe(`[${json},1]`)
    expect(JSON.stringify(await run(edgeTracks.keyedAny, { value }))).toBe(json)
    expect(JSON.stringify(await run(edgeTracks.keyedBranches))).toBe(`{"hasOwnProperty":"hasOwnProperty","prototype":${json}}`)
    const result = await engine().runner.settleOrchestrator(edgeOrchestrators.keyedTracks, base)
    expect(result).toMatchObject({ status: 'succeeded', output: { constructor: 'constructor', valueOf: 'valueOf', EdgeAfterKeyed: { constructor: 'constructor', valueOf: 'valueOf' } } })
    expect(Object.keys(result.tracks)).toEqual(['constructor', 'valueOf', 'EdgeAfterKeyed'])
    expect(JSON.stringify(await engine().runner.runSingleTask('suite_any', { ...base, value }))).toBe(json)
  })

  test('a handler may hand on a copy of its context', async () => {
    expect(await run(edgeTracks.wrapped, { n: 1 })).toEqual({ whose: 'tenant-1', attempt: 1, ms: 1 })
  })
}

/** Tasks that may run inside the run that asks for them: nothing of what they come to is another. */
export function inlineTests({ engine, newJournal, lines }: EdgeTools): void {
  const settle = (track: TrackDefinition, payload: object = {}, signal?: AbortSignal) => engine().runner.settleTrack(track, { ...base, ...payload }, signal && { signal })

  test('one after the other, for items, and in an orchestrator', async () => {
    expect(await settle(edgeTracks.inlineChain, { n: 1 })).toMatchObject({ status: 'succeeded', output: { n: 5 } })
    expect(await settle(edgeTracks.inlineItems)).toMatchObject({ status: 'succeeded', output: [2, 3, 4, 5, 6].map((n) => ({ n })) })
    expect(await engine().runner.settleOrchestrator(edgeOrchestrators.inlineGraph, { ...base, n: 1 })).toMatchObject({ status: 'succeeded', output: { EdgeI1: { n: 2 }, EdgeI2: { n: 3 }, EdgeI3: { n: 4 } } })
  })

  test('are tried again as their contract says, and fail with code and place', async () => {
    const journal = newJournal()
    expect(await settle(edgeTracks.inlineFails, { failures: 2, how: 'provider', journal })).toMatchObject({ status: 'succeeded', output: { attempt: 3 } })
    expect(lines(journal)).toEqual(['fail 1', 'fail 2', 'fail 3'])
    expect(await settle(edgeTracks.inlineFails, { how: 'terminal' })).toMatchObject({ status: 'failed', error: { code: 'suite/never', place: { track: 'EdgeInlineFails', step: 'suite_fail', attempt: 1 } } })
    expect(await settle(edgeTracks.inlineStubborn)).toMatchObject({ status: 'failed', error: { code: 'timed_out', place: { step: 'suite_stubborn' } } })
  })

  test('wait for tasks of their own side by side, and none of it counts against their time', async () => {
    expect(await settle(edgeTracks.inlineWaits)).toMatchObject({ status: 'succeeded', output: [{ ms: 900 }, { ms: 1 }, { ms: 2 }] })
    expect(await settle(edgeTracks.inlineFan, { count: 3 })).toMatchObject({ status: 'succeeded', output: { sum: 303, order: [100, 101, 102] } })
  })

  test('hear of a cancellation of the run', async () => {
    const journal = newJournal()
    const controller = new AbortController()
    const settled = settle(edgeTracks.inlineStopped, { journal }, controller.signal)
    for (let tries = 0; tries < 600 && lines(journal).length === 0; tries++) await delay(50)
    controller.abort()
    expect(await settled).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
  })
}

/** What went wrong, and where: the same on every engine. */
export function errorTests({ engine }: EdgeTools): void {
  const failure = (track: TrackDefinition) => failureOf(engine().runner.runTrack(track, base))

  test.each([
    ['an inputMapper that answers a promise', edgeTracks.promisedInput, /inputMapper of step suite_any of EdgePromisedInput answered a promise/],
    ['a when that answers a promise', edgeTracks.promisedWhen, /when of step suite_any of EdgePromisedWhen answered a promise/],
    ['a when that answers a number', edgeTracks.oddWhen, /must answer true or false, not number/],
  ])('%s fails the step', async (_what, track, message) => {
    expect(await failure(track)).toMatchObject({ code: 'mapper_failed', retryable: false, message: expect.stringMatching(message) as string, place: { track: track.name, step: 'suite_any' } })
  })

  test('one and the same error that is thrown twice has the place of each time', async () => {
    expect(await failure(edgeTracks.sameError)).toMatchObject({ code: 'terminal', place: { track: 'EdgeSameError', step: 'second' } })
  })

  test('whether an error can be retried is told as it was thrown', async () => {
    expect(await failure(edgeTracks.provider)).toMatchObject({ code: 'provider_failed', retryable: true, status: 503 })
  })

  test('a merge, a mapping of a track and the final task tell where they failed', async () => {
    expect(await failure(edgeTracks.brokenMerge)).toMatchObject({ code: 'mapper_failed', place: { track: 'EdgeBrokenMerge' } })
    const { runner } = engine()
    expect(await failureOf(runner.runOrchestrator(edgeOrchestrators.brokenInput, base))).toMatchObject({ code: 'mapper_failed', place: { track: 'EdgeE' } })
    expect(await failureOf(runner.runOrchestrator(edgeOrchestrators.brokenFinal, base))).toMatchObject({ code: 'mapper_failed', place: { track: 'EdgeBrokenFinal', step: 'suite_any' } })
  })
}
