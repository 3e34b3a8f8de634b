import { DefinitionError, defineRegistry, defineTask } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { checkOrchestrator } from './check-orchestrator.ts'
import { checkTrack } from './check-track.ts'
import type { CompositeTrackDefinition, TrackDefinition, TrackTaskDefinition } from './definition.ts'

const any = z.looseObject({})
const tasks = defineRegistry({
  media_probe: defineTask({ name: 'media_probe', input: any, output: any }),
  media_download: defineTask({ name: 'media_download', input: any, output: any }),
})
const probe = { taskName: 'media_probe' }
const track = (...steps: TrackTaskDefinition[]): TrackDefinition => ({ name: 'Track', tasks: steps })
const composite = (...subTracks: TrackDefinition[]): CompositeTrackDefinition => ({ name: 'Both', type: 'composite', tasks: [], subTracks })
const checking = (definition: TrackDefinition) => () => {
  checkTrack(tasks, definition)
}

test('a track of known tasks passes, and so does one of no tasks', () => {
  expect(checking(track(probe, { taskName: 'media_download', forEach: 'items', concurrency: 3, inputMapper: (item) => item }))).not.toThrow()
  expect(checking(track())).not.toThrow()
})

test('an unknown task is named with its place, and the nearest name is suggested', () => {
  expect(checking(track(probe, { taskName: 'media_prob' }))).toThrow(
    new DefinitionError('Track "Track", step 2: the registry has no task "media_prob". Did you mean "media_probe"?'),
  )
})

test('where no name is near, the known ones are listed', () => {
  expect(checking(track({ taskName: 'translate' }))).toThrow('There are: media_probe, media_download.')
})

test.each(['toString', 'constructor', 'hasOwnProperty'])('what every object has is no task: %s', (taskName) => {
  expect(checking(track({ taskName }))).toThrow(`no task "${taskName}"`)
})

test('two steps with one id are refused, whether it was given or is the name', () => {
  expect(checking(track(probe, probe))).toThrow('Track "Track", step 2: an earlier step has the id "media_probe", too')
  expect(checking(track(probe, { taskName: 'media_download', id: 'media_probe' }))).toThrow('step 2: an earlier step has the id "media_probe"')
  expect(checking(track(probe, { track: track(), taskName: '' }, { track: track(), taskName: '', id: 'Track' }))).toThrow('step 3: an earlier step has the id "Track"')
  expect(checking(track(probe, { ...probe, id: 'again' }))).not.toThrow()
})

test('what is repeated is a track, until something, a number of times, and not for each item', () => {
  const inner = track(probe)
  const repeat = { until: () => true, maxTimes: 3 }
  const step = (more: Partial<TrackTaskDefinition>) => checking({ name: 'Outer', tasks: [{ taskName: 'Track', track: inner, repeat, ...more }] })
  expect(step({ repeat: { ...repeat, next: (output) => output } })).not.toThrow()
  expect(checking(track({ ...probe, repeat }))).toThrow('Track "Track", step 1: repeat runs a track again, and this step runs a task. Put the task into a track')
  expect(step({ forEach: 'items' })).toThrow('step 1 has repeat and forEach. Give one of them to a track of its own')
  expect(checking(track({ taskName: 'wait', waitMs: 1, repeat }))).toThrow('waits, and runs nothing: repeat beside it says nothing')
  expect(checking(track({ taskName: 'ok', approve: 'ok', timeoutMs: 1, repeat }))).toThrow('runs nothing: repeat beside it says nothing')
  for (const maxTimes of [0, 1.5, 1_001, Number.POSITIVE_INFINITY]) expect(step({ repeat: { ...repeat, maxTimes } })).toThrow('repeat.maxTimes must be a whole number from 1 to 1,000')
  expect(step({ repeat: { maxTimes: 3 } as never })).toThrow('repeat.until is required')
  expect(step({ repeat: { ...repeat, untill: () => true } as never })).toThrow('repeat.untill is no option. Did you mean "until"?')
})

test('a race has sub-tracks and no merge', () => {
  const race = (more: Partial<CompositeTrackDefinition> = {}, ...subTracks: TrackDefinition[]) => checking({ ...composite(...subTracks), mode: 'race', ...more })
  expect(race({}, track(probe))).not.toThrow()
  expect(race({ mergeStrategy: () => 1 }, track(probe))).toThrow('Composite track "Both": a race has one output')
  expect(race()).toThrow('a race without sub-tracks has no winner')
  expect(race({ mode: 'first' as never }, track(probe))).toThrow("mode")
})

test.each(['', '  ', '__proto__'])('%j is no name', (name) => {
  expect(checking({ name, tasks: [] })).toThrow(DefinitionError)
  expect(checking(track({ ...probe, id: name }))).toThrow(DefinitionError)
  expect(checking(track({ taskName: name }))).toThrow(DefinitionError)
  expect(checking(composite({ name, tasks: [] }))).toThrow(DefinitionError)
})

test('concurrency without forEach is refused', () => {
  expect(checking(track({ ...probe, concurrency: 2 }))).toThrow('step 1: concurrency without forEach')
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a concurrency of %d is refused', (concurrency) => {
  expect(checking(track({ ...probe, forEach: 'items', concurrency }))).toThrow(`a whole number from 1 up, not ${concurrency}`)
  expect(checking({ ...composite(track()), concurrency } as TrackDefinition)).toThrow(`a whole number from 1 up, not ${concurrency}`)
})

test('a forEach function beside an inputMapper is refused', () => {
  expect(checking(track({ ...probe, forEach: (prev) => prev.items, inputMapper: (item) => item }))).toThrow('a forEach function returns the inputs itself')
})

test('a step that runs a track takes no task, no retries and no time', () => {
  const inner: TrackDefinition = { name: 'Inner', tasks: [probe] }
  expect(checking(track({ taskName: 'Inner', track: inner }))).not.toThrow()
  expect(checking(track({ taskName: 'media_probe', track: inner }))).toThrow('runs the track "Inner" but names the task "media_probe"')
  expect(checking(track({ taskName: 'Inner', track: inner, retry: { maxAttempts: 2 } }))).toThrow('retry, timeoutMs and placement are for tasks')
  expect(checking(track({ taskName: 'Inner', track: inner, timeoutMs: 1 }))).toThrow('retry, timeoutMs and placement are for tasks')
  expect(checking(track({ taskName: 'Inner', track: inner, placement: { inline: true } }))).toThrow('retry, timeoutMs and placement are for tasks')
})

test('two sub-tracks of one name are refused', () => {
  expect(checking(composite(track(), track()))).toThrow('Composite track "Both": two sub-tracks are called "Track"')
})

test('tracks inside are checked, too', () => {
  const wrong: TrackDefinition = { name: 'Wrong', tasks: [{ taskName: 'nothing' }] }
  expect(checking(track({ taskName: 'Wrong', track: wrong }))).toThrow('Track "Wrong", step 1')
  expect(checking(composite(composite(wrong)))).toThrow('Track "Wrong", step 1')
})

test('a track that contains itself, by way of others, is refused with the way', () => {
  const subTracks: TrackDefinition[] = []
  const ring: CompositeTrackDefinition = { name: 'Ring', type: 'composite', tasks: [], subTracks }
  subTracks.push({ name: 'Middle', tasks: [{ taskName: 'Ring', track: ring }] })
  expect(checking(ring)).toThrow('A track cannot contain itself: Ring -> Middle -> Ring')
})

test('one track in two places is no cycle', () => {
  const shared = track(probe)
  expect(checking(composite({ name: 'A', tasks: [{ taskName: 'Track', track: shared }] }, { name: 'B', tasks: [{ taskName: 'Track', track: shared }] }))).not.toThrow()
})

const nested = (levels: number): TrackDefinition => {
  let deep = track(probe)
  for (let depth = 1; depth < levels; depth += 1) deep = { name: `Depth${depth}`, tasks: [{ taskName: deep.name, track: deep }] }
  return deep
}

test('tracks may stand 200 deep in each other; more are refused by name, however many', () => {
  expect(checking(nested(200))).not.toThrow()
  for (const levels of [201, 3_000, 20_000]) expect(checking(nested(levels))).toThrow(/Nested more than 200 deep: Depth\d+ -> /)
})

test.each<[string, unknown, string]>([
  ['no list of tasks', { name: 'T' }, 'Track "T": tasks is required: give a list.'],
  ['tasks that are no list', { name: 'T', tasks: 'media_probe' }, 'Track "T": tasks must be a list, not "media_probe".'],
  ['a step that is null', { name: 'T', tasks: [null] }, 'Track "T": tasks[0] must be an object, not null.'],
  ['sub-tracks without a type', { name: 'T', tasks: [], subTracks: [] }, "has subTracks, but no type: 'composite'"],
  ['a misspelt type', { name: 'T', type: 'Composite', tasks: [], subTracks: [] }, 'Did you mean "composite"?'],
  ['a misspelt policy', track({ ...probe, onError: 'Halt' as 'halt' }), 'onError must be'],
  ['a misspelt policy for items', track({ ...probe, forEach: 'items', onItemError: 'Continue' as 'continue' }), 'Did you mean "continue"?'],
  ['a misspelt property', track({ ...probe, inputMaper: (prev: unknown) => prev } as TrackTaskDefinition), 'inputMaper is no option. Did you mean "inputMapper"?'],
  ['a policy for items where there are none', track({ ...probe, onItemError: 'halt' }), 'onItemError without forEach says nothing'],
  ['a mapper that is none', track({ ...probe, inputMapper: 'prev' as never }), 'inputMapper must be a function, not "prev"'],
  ['a place that a step cannot give', track({ ...probe, placement: { machine: 'micro' } as object }), 'placement.machine is no option'],
  ['no attempts', track({ ...probe, retry: { maxAttempts: 0 } }), 'retry.maxAttempts must be a whole number from 1 up, not 0.'],
  ['attempts without end', track({ ...probe, retry: { maxAttempts: Number.NaN } }), 'retry.maxAttempts must be a whole number from 1 up, not NaN.'],
  ['a time that no timer has', track({ ...probe, timeoutMs: Number.POSITIVE_INFINITY }), 'timeoutMs must be a number of milliseconds'],
  ['nothing at all', undefined, 'A track must be an object'],
])('%s is refused', (_what, definition, message) => {
  expect(checking(definition as TrackDefinition)).toThrow(DefinitionError)
  expect(checking(definition as TrackDefinition)).toThrow(message)
})

test.each([
  ['a Date on the way in', z.object({ at: z.date() })],
  ['a Date on the way out', z.object({ at: z.coerce.date() })],
  ['a map', z.object({ map: z.map(z.string(), z.number()) })],
  ['a base field', z.object({ tenantId: z.string() })],
  ['a base field in one of several shapes', z.union([z.object({ a: z.string() }), z.object({ userId: z.string() })])],
  ['any names, those of base fields too', z.record(z.string(), z.string())],
])("a track's own input with %s is refused", (_what, input) => {
  expect(checking({ name: 'T', input, tasks: [] })).toThrow(DefinitionError)
  expect(() => checkOrchestrator(tasks, { name: 'O', input, tracks: [] })).toThrow(DefinitionError)
})

test('what is undefined is as if it were not there', () => {
  expect(checking(track({ ...probe, retry: { maxAttempts: undefined }, timeoutMs: undefined, when: undefined, concurrency: undefined } as unknown as TrackTaskDefinition))).not.toThrow()
})

test.each(['constructor', 'toString', '1', 'Ü ber', '音声', 'a'.repeat(128)])('%j is a name', (name) => {
  expect(checking({ name, tasks: [{ ...probe, id: name }] })).not.toThrow()
})

test.each(['Audio/Clean', 'a\\b', 'a[1]', 'a#b', 'a\nb', 'a\u202Eb', ' a', 'a'.repeat(129)])('%j is no name', (name) => {
  expect(checking({ name, tasks: [] })).toThrow(DefinitionError)
  expect(checking(track({ ...probe, id: name }))).toThrow(DefinitionError)
})

test('a fallback that is no JSON is refused where it is written, with its path', () => {
  expect(checking(track({ ...probe, onError: { fallback: { list: [{ at: new Date(0) }] } } }))).toThrow('Track "Track", step 1: onError.fallback.list.0.at: an object of class Date is no JSON')
  expect(checking(track({ ...probe, onError: { fallback: Number.NaN } }))).toThrow('step 1: onError.fallback: NaN is no JSON')
  expect(checking(track({ ...probe, onError: { fallback: { a: undefined } } }))).not.toThrow()
})

test('a fallback that does not fit what it stands in for is refused where it is written: an output, each of a list of them, an answer', () => {
  const known = defineRegistry({
    rate: defineTask({ name: 'rate', input: any, output: z.object({ rating: z.number().nullable(), of: z.string().default('all') }) }),
    total: defineTask({ name: 'total', input: any, output: z.string().transform(Number) }),
  })
  const given = (step: Partial<TrackTaskDefinition>) => () => checkTrack(known, track({ taskName: 'rate', ...step }))
  expect(given({ onError: { fallback: { rating: 'none' } } })).toThrow('Track "Track", step 1: onError.fallback.rating: Invalid input: expected number, received string. A fallback stands in for an output, and must fit its schema.')
  expect(given({ forEach: 'items', onError: { fallback: { rating: 1 } } })).toThrow('step 1: onError.fallback: Invalid input: expected a list')
  expect(given({ forEach: 'items', onError: { fallback: [{ rating: 1 }, {}] } })).toThrow('step 1: onError.fallback.1.rating')
  const question = { taskName: '', approve: 'ask', timeoutMs: 1, schema: z.object({ ok: z.boolean() }) } as const
  expect(given({ ...question, onTimeout: { fallback: { ok: 'no' } } })).toThrow('step 1: onTimeout.fallback.ok: Invalid input: expected boolean')
  // What a transform makes cannot be told from what it takes; of tracks, and of items that may fail, no schema says what they hand on.
  for (const step of [{ onError: { fallback: { rating: null } } }, { ...question, onTimeout: { fallback: { ok: true } } }, { taskName: 'total', onError: { fallback: 3 } }, { forEach: 'items', onError: { fallback: [] } }, { forEach: 'items', onItemError: 'continue', onError: { fallback: [null] } }] as const) expect(given(step)).not.toThrow()
})
