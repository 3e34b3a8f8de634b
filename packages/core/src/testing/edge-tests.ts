import { loadVitest } from '@track-orchestrator/registry/vitest'
import type { TrackDefinition } from '../definition/definition.ts'
import { edgeOrchestrators, edgeTracks } from './edge-definitions.ts'
import type { EdgeTools } from './engine-under-test.ts'
import { failureOf } from './failure-of.ts'

const base = { tenantId: 'tenant-1', projectId: 'project-1' }

/** What is handed on: the same on every engine. */
export function valueTests({ engine }: EdgeTools): void {
  const { expect, test } = loadVitest('engineSuite')
  const run = (track: TrackDefinition, payload: object = {}): Promise<unknown> => engine().runner.runTrack(track, { ...base, ...payload })

  test('two sub-tracks see the same, and what one of them would change is read-only', async () => {
    expect(await run(edgeTracks.both)).toEqual({ EdgeLooks: [1], EdgeLooksToo: [1] })
    expect(await failureOf(run(edgeTracks.bothPush))).toMatchObject({ code: 'mapper_failed', message: expect.stringContaining('read-only') as string, place: { track: 'EdgePushesFirst', step: 'suite_any' } })
  })

  test('every attempt has an input of its own', async () => {
    expect(await run(edgeTracks.changesInput)).toEqual({ list: [9, 1, 2, 3] })
  })

  test('what a handler gave to a task, and changes meanwhile, is for each attempt what it was', async () => {
    expect(await run(edgeTracks.givesAndChanges)).toEqual({ list: [9, 1, 2, 3] })
  })

  test('an output is parsed once: the next step sees what the schema made of it', async () => {
    expect(await run(edgeTracks.pipe)).toEqual({ n: 5, text: 'x!', size: 7 })
  })

  test('an output may be undefined or null, and is that for the next step', async () => {
    expect(await run(edgeTracks.optional)).toEqual({ isUndefined: true, isThere: true })
    expect(await run(edgeTracks.nothing)).toEqual({ isNull: true })
  })

  test('what is no JSON is refused, in outputs, in what a mapper returns and in what a merge returns', async () => {
    expect(await failureOf(run(edgeTracks.undefinedInList))).toMatchObject({ code: 'contract_violated', side: 'output', issues: [{ path: ['list', 0] }] })
    expect(await failureOf(run(edgeTracks.dateFromMapper))).toMatchObject({ code: 'contract_violated', side: 'input', issues: [{ path: ['value'] }], place: { track: 'EdgeDateFromMapper', step: 'suite_any' } })
    for (const track of [edgeTracks.unreadable, edgeTracks.promiseInside]) expect(await failureOf(run(track))).toMatchObject({ code: 'contract_violated', side: 'input', issues: [{ path: ['value', 'inner'] }], place: { track: track.name, step: 'suite_any' } })
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
export function inlineTests({ engine, newJournal, lines, begun }: EdgeTools): void {
  const { expect, test } = loadVitest('engineSuite')
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
    expect(await settle(edgeTracks.inlineWaits)).toMatchObject({ status: 'succeeded', output: [{ ms: 1_500 }, { ms: 1 }, { ms: 2 }] })
    expect(await settle(edgeTracks.inlineFan, { count: 3 })).toMatchObject({ status: 'succeeded', output: { sum: 303, order: [100, 101, 102] } })
  })

  test('hear of a cancellation of the run', async () => {
    const journal = newJournal()
    const controller = new AbortController()
    const settled = settle(edgeTracks.inlineStopped, { journal }, controller.signal)
    await begun(journal)
    controller.abort()
    expect(await settled).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
  })
}

/** What went wrong, and where: the same on every engine. */
export function errorTests({ engine }: EdgeTools): void {
  const { expect, test } = loadVitest('engineSuite')
  const failure = (track: TrackDefinition) => failureOf(engine().runner.runTrack(track, base))

  test.each([
    ['an inputMapper that answers a promise', edgeTracks.promisedInput, /inputMapper of step suite_any of EdgePromisedInput answered a promise/],
    ['a when that answers a promise', edgeTracks.promisedWhen, /when of step suite_any of EdgePromisedWhen answered a promise/],
    ['a when that answers a number', edgeTracks.oddWhen, /must answer true or false, not number/],
  ])('%s fails the step', async (_what, track, message) => {
    expect(await failure(track)).toMatchObject({ code: 'mapper_failed', retryable: false, message: expect.stringMatching(message) as string, place: { track: track.name, step: 'suite_any' } })
  })

  test.each([edgeTracks.throwsNothing, edgeTracks.throwsUnreadable])('a mapper may throw anything: $name', async (track) => {
    expect(await failure(track)).toMatchObject({ code: 'mapper_failed', retryable: false, place: { track: track.name, step: 'suite_any' } })
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
