import { defineTrack } from '../registry.ts'

/** The sound of a video, and one picture of it. Takes `{ url }`. */
export const mediaProcessingTrack = defineTrack({
  name: 'MediaProcessingTrack',
  enableSupabaseLogging: true,
  tasks: [
    { taskName: 'media_audio_extract', id: 'audio' },
    { taskName: 'media_thumbnail', inputMapper: (_prevOutput, originalInput) => ({ url: originalInput.url }) },
  ],
})
