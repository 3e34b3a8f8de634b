import { DefinitionError, defineRegistry, defineTask } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
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
  expect(checking(track({ taskName: 'Inner', track: inner, retry: { maxAttempts: 2 } }))).toThrow('retry and timeoutMs are for tasks')
  expect(checking(track({ taskName: 'Inner', track: inner, timeoutMs: 1 }))).toThrow('retry and timeoutMs are for tasks')
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

test('tracks may stand 20,000 deep in each other', () => {
  let deep = track(probe)
  for (let depth = 0; depth < 20_000; depth += 1) deep = { name: `Depth${depth}`, tasks: [{ taskName: deep.name, track: deep }] }
  expect(checking(deep)).not.toThrow()
})
