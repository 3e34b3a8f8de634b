import { translationInput } from '../conversion-options.ts'
import { defineOrchestrator } from '../registry.ts'
import { mediaImportTrack } from '../tracks/media-import.track.ts'
import { translatedAudioTrack } from '../tracks/translated-audio.track.ts'
import { videoProcessingTrack } from '../tracks/video-processing.track.ts'
import { finalVideoOf } from './final-video.ts'

/** A video whose human voice becomes an AI voice that says the same in another language, each sentence in the time that it had. */
export const translatedDubbing = defineOrchestrator({
  name: 'TranslatedDubbing',
  enableSupabaseLogging: true,
  input: translationInput,
  tracks: [mediaImportTrack, translatedAudioTrack, videoProcessingTrack],
  trackDependencies: { TranslatedAudioTrack: ['MediaImportTrack'], VideoProcessingTrack: ['MediaImportTrack'] },
  trackInputMappings: {
    TranslatedAudioTrack: ({ MediaImportTrack }, input) => ({ ...input, url: MediaImportTrack.url, sourceUrl: MediaImportTrack.sourceUrl }),
    VideoProcessingTrack: ({ MediaImportTrack }, input) => ({ ...input, url: MediaImportTrack.url, sourceUrl: MediaImportTrack.sourceUrl }),
  },
  finalTask: {
    taskName: 'merge_audio_video',
    inputMapper: ({ MediaImportTrack, TranslatedAudioTrack, VideoProcessingTrack }, input) =>
      finalVideoOf({ imported: MediaImportTrack, audio: TranslatedAudioTrack, video: VideoProcessingTrack }, input, input.translateTo),
  },
})
