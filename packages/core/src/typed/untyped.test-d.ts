import type { Registry } from '@track-orchestrator/registry'
import { expectTypeOf, test } from 'vitest'
import type { CompositeTrackDefinition, OrchestratorDefinition, TrackDefinition } from '../definition/definition.ts'
import { defineCompositeTrack, defineOrchestrator, defineTrack, ingest, speech, tasks, thumbs, transcript } from './example-tasks.test-d.ts'
import { forRegistry } from './for-registry.ts'
import type { TrackInputOf, TrackOutputOf } from './track.ts'

const dubbed = defineTrack({
  name: 'Dubbed',
  input: speech,
  tasks: [
    { taskName: 'transcribe', retry: { maxAttempts: 2 }, timeoutMs: 1_000 },
    { taskName: 'translate', forEach: 'segments', concurrency: 4, inputMapper: (item, index) => ({ text: item.text + index, target: 'de' }), onError: { fallback: [] } },
    { taskName: 'summarize', forEach: (prev) => prev, when: (prev) => prev.length > 0, onError: 'continue' },
    { track: thumbs, inputMapper: (_prev, original, { outputs }) => ({ path: original.audioPath + outputs.transcribe.text }) },
  ],
})
const report = defineCompositeTrack({
  name: 'Report',
  type: 'composite',
  tasks: [{ taskName: 'download' }],
  subTracks: [thumbs, transcript],
  mergeStrategy: async ([thumb], { byName }) => thumb.imagePath + byName.Transcript.summary,
})
const video = defineOrchestrator({
  name: 'Video',
  tracks: [ingest, thumbs, report],
  trackDependencies: { Thumbs: ['Ingest'] },
  trackInputMappings: { Report: (_outputs, original) => ({ url: original.url }) },
  finalTask: { taskName: 'notify', inputMapper: (outputs) => ({ url: outputs.Ingest.path, body: 1 }) },
})
const going = defineOrchestrator({ name: 'Going', tracks: [ingest], onTrackFailure: 'continue' })

test('typed definitions are untyped ones, too', () => {
  expectTypeOf(ingest).toExtend<TrackDefinition>()
  expectTypeOf(dubbed).toExtend<TrackDefinition>()
  expectTypeOf(report).toExtend<TrackDefinition>()
  expectTypeOf(report).toExtend<CompositeTrackDefinition>()
  expectTypeOf(video).toExtend<OrchestratorDefinition>()
  expectTypeOf(going).toExtend<OrchestratorDefinition>()
})

test('they stand beside definitions written by hand', () => {
  const byHand: TrackDefinition = { name: 'ByHand', tasks: [{ taskName: 'anything', inputMapper: (prev, original) => ({ ...prev, ...original }) }] }
  const composite: CompositeTrackDefinition = { name: 'C', type: 'composite', tasks: [], subTracks: [ingest, byHand], mergeStrategy: (outputs) => outputs }
  const orchestrator: OrchestratorDefinition = { name: 'O', tracks: [ingest, composite], trackDependencies: { C: ['Ingest'] } }
  expectTypeOf(orchestrator.tracks).toEqualTypeOf<readonly TrackDefinition[]>()
})

test('a registry whose names only the run knows checks nothing, and refuses nothing', () => {
  const dynamic = forRegistry(tasks as Registry)
  const name: string = 'probe'
  const track = dynamic.defineTrack({
    name,
    tasks: [{ taskName: name }, { taskName: name, id: `${name}_2`, inputMapper: (prev, original, { outputs }) => ({ a: prev.a, b: original.b, c: outputs.any.thing }) }],
  })
  expectTypeOf<TrackOutputOf<typeof track>>().toBeAny()
  dynamic.defineOrchestrator({ name: 'O', tracks: [track], trackDependencies: { [name]: [name] } })
})

test('of a list of steps whose length only the run knows, input and output are not known', () => {
  const repeated = defineTrack({ name: 'Repeated', tasks: Array.from({ length: 3 }, (_, index) => ({ taskName: 'probe' as const, id: `probe_${index}` })) })
  expectTypeOf<TrackInputOf<typeof repeated>>().toBeAny()
  expectTypeOf<TrackOutputOf<typeof repeated>>().toBeAny()
})
