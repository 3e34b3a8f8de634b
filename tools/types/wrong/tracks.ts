// Wrong composites, orchestrators and runs. Above each mistake stands what the first line of its message must hold.
import { createRunner } from '../../../packages/core/src/in-process/create-runner.ts'
import { defineCompositeTrack, defineOrchestrator, defineTrack, ingest, tasks, thumbs, transcript } from '../../../packages/core/src/typed/example-tasks.test-d.ts'

defineCompositeTrack({
  name: 'SubTracks',
  type: 'composite',
  tasks: [{ taskName: 'download' }],
  subTracks: [
    thumbs,
    // says: Type 'Track<"Ingest" … & SubTrackInputMismatch<"Ingest", { path: string; bytes: number; }, { url: string; }>'
    ingest,
  ],
})
defineOrchestrator({
  name: 'Dependencies',
  tracks: [ingest, thumbs],
  trackDependencies: {
    // says: 'Thumb' does not exist … Did you mean to write 'Thumbs'?
    Thumb: ['Ingest'],
  },
})
defineOrchestrator({
  name: 'Circle',
  tracks: [ingest, thumbs], trackInputMappings: { Ingest: () => ({ url: '' }) },
  trackDependencies: {
    // says: Type … DependencyCycle<"Ingest -> Thumbs">'
    Ingest: ['Thumbs'],
    // says: Type … DependencyCycle<"Thumbs -> Ingest">'
    Thumbs: ['Ingest'],
  },
})
const url = defineTrack({ name: 'Url', tasks: [{ taskName: 'upload' }] })
defineOrchestrator({
  name: 'Mapping',
  // says: Type 'Track<"Thumbs" … & TrackInputMappingRequired<"Thumbs", { url: string; }, { path: string; }>'
  tracks: [url, thumbs],
  trackDependencies: { Thumbs: ['Url'] },
})
defineOrchestrator({
  name: 'Outputs',
  tracks: [ingest, thumbs, transcript],
  trackDependencies: { Thumbs: ['Ingest'], Transcript: ['Ingest'] },
  trackInputMappings: {
    // says: Property 'Thumbs' does not exist on type '{ readonly Ingest: 
    Transcript: (outputs) => ({ path: outputs.Thumbs.imagePath }),
  },
})
defineOrchestrator({
  name: 'Misspelt',
  tracks: [ingest],
  // says: Type 'number' is not assignable to type 'UnknownInputKey<"siz", "size" | "text">'
  finalTask: { taskName: 'chunk', inputMapper: (outputs) => ({ text: outputs.Ingest.path, siz: 3 }) },
})
defineOrchestrator({
  name: 'Wrong',
  tracks: [ingest],
  // says: Type '"ogg"' is not assignable to type '"mp3" | "wav"'
  finalTask: { taskName: 'extract_audio', inputMapper: () => ({ path: '', codec: 'ogg' }) },
})
defineOrchestrator({
  name: 'Final',
  tracks: [ingest],
  // says: is not assignable to type 'FinalMapperRequired<{ readonly Ingest: { path: string; durationSeconds: number; hasAudio: boolean; }; }, { path: string; key: string; }>
  finalTask: { taskName: 'upload' },
})
const runner = createRunner({ registry: tasks, handlers: {}, defaults: { tenantId: 't', projectId: 'p' } })
// says: 'uri' does not exist in type
void runner.runTrack(ingest, { uri: '' })
// says: Property 'projectId' is missing in type … required in type
void createRunner({ registry: tasks, handlers: {} }).runTrack(ingest, { tenantId: 't', url: '' })
