import { reviewedInput } from '../conversion-options.ts'
import { defineOrchestrator } from '../registry.ts'
import { mediaImportTrack } from '../tracks/media-import.track.ts'
import { reviewedAudioTrack } from '../tracks/reviewed-audio.track.ts'
import { videoProcessingTrack } from '../tracks/video-processing.track.ts'
import { finalVideoOf } from './final-video.ts'

/** The flagship, with a person between hearing and speaking: the new voice is paid for when somebody has read, and corrected, what it is going to say. */
export const reviewedVoiceConversion = defineOrchestrator({
  name: 'ReviewedVoiceConversion',
  enableSupabaseLogging: true,
  input: reviewedInput,
  tracks: [mediaImportTrack, reviewedAudioTrack, videoProcessingTrack],
  trackDependencies: { ReviewedAudioTrack: ['MediaImportTrack'], VideoProcessingTrack: ['MediaImportTrack'] },
  trackInputMappings: {
    ReviewedAudioTrack: ({ MediaImportTrack }, input) => ({ ...input, url: MediaImportTrack.url, sourceUrl: MediaImportTrack.sourceUrl }),
    VideoProcessingTrack: ({ MediaImportTrack }, input) => ({ ...input, url: MediaImportTrack.url, sourceUrl: MediaImportTrack.sourceUrl }),
  },
  finalTask: {
    taskName: 'merge_audio_video',
    inputMapper: ({ MediaImportTrack, ReviewedAudioTrack, VideoProcessingTrack }, input) =>
      finalVideoOf({ imported: MediaImportTrack, audio: ReviewedAudioTrack, video: VideoProcessingTrack }, input, input.language),
  },
})
