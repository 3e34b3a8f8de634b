import { defineRegistry, defineTask, type Registry } from '@track-orchestrator/registry'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { forRegistry } from './for-registry.ts'

const tasks = defineRegistry({
  download: defineTask({ name: 'download', input: z.object({ url: z.string() }), output: z.object({ path: z.string() }) }),
  probe: defineTask({ name: 'probe', input: z.object({ path: z.string() }), output: z.object({ path: z.string(), seconds: z.number() }) }),
})
const { defineTrack, defineCompositeTrack, defineOrchestrator } = forRegistry(tasks)
/** The same functions without types: what a caller without a compiler can write. */
const untyped = forRegistry<Registry>(tasks)

test('a track is plain data: a copy of what was written', () => {
  const written = { name: 'Ingest', enableSupabaseLogging: true, tasks: [{ taskName: 'download', id: 'file' }, { taskName: 'probe' }] } as const
  const track = defineTrack(written)
  expect(track).toEqual(written)
  expect(track).not.toBe(written)
  expect(track.tasks[0]).not.toBe(written.tasks[0])
})

test('a step that runs a track is filed under the track\'s name', () => {
  const inner = defineTrack({ name: 'Inner', tasks: [{ taskName: 'download' }] })
  const outer = defineTrack({ name: 'Outer', tasks: [{ track: inner }, { taskName: 'probe' }] })
  expect(outer.tasks).toEqual([{ track: inner, taskName: 'Inner' }, { taskName: 'probe' }])
  expect(outer.tasks[0]?.track).toBe(inner)
})

test('a composite track has tasks, even where none were written', () => {
  const sub = defineTrack({ name: 'Sub', tasks: [{ taskName: 'download' }] })
  expect(defineCompositeTrack({ name: 'Both', type: 'composite', subTracks: [sub] })).toEqual({ name: 'Both', type: 'composite', tasks: [], subTracks: [sub] })
})

test('an orchestrator keeps its dependencies, mappings and final task', () => {
  const one = defineTrack({ name: 'One', tasks: [{ taskName: 'download' }] })
  const two = defineTrack({ name: 'Two', tasks: [{ taskName: 'probe' }] })
  const mapping = () => ({ path: '' })
  const written = {
    name: 'All',
    tracks: [one, two],
    trackDependencies: { Two: ['One'] },
    trackInputMappings: { Two: mapping },
    finalTask: { taskName: 'probe', inputMapper: () => ({ path: '' }), timeoutMs: 1_000 },
  } as const
  expect(defineOrchestrator(written)).toEqual(written)
})

test('what a compiler would have marked is refused when it is defined', () => {
  expect(() => untyped.defineTrack({ name: 'Ingest', tasks: [{ taskName: 'prob' }] })).toThrow('Did you mean "probe"?')
  const track = defineTrack({ name: 'One', tasks: [] })
  expect(() => untyped.defineCompositeTrack({ name: 'Both', type: 'composite', subTracks: [track, track] })).toThrow('two sub-tracks are called "One"')
  // @ts-expect-error there is no track of that name
  expect(() => untyped.defineOrchestrator({ name: 'All', tracks: [track], trackDependencies: { One: ['Two'] } })).toThrow('there is no track "Two"')
})
