import { conversionInput } from '../conversion-options.ts'
import { defineOrchestrator } from '../registry.ts'
import { audioProcessingTrack } from '../tracks/audio-processing.track.ts'
import { mediaImportTrack } from '../tracks/media-import.track.ts'
import { videoProcessingTrack } from '../tracks/video-processing.track.ts'
import { finalVideoOf } from './final-video.ts'

/**
 * The flagship: a video whose human voice becomes an AI voice. It is fetched once; then both tracks run at once, on the same bytes, and the
 * final task puts them together.
 */
export const voiceConversion = defineOrchestrator({
  name: 'VoiceConversion',
  enableSupabaseLogging: true,
  input: conversionInput,
  tracks: [mediaImportTrack, audioProcessingTrack, videoProcessingTrack],
  trackDependencies: { AudioProcessingTrack: ['MediaImportTrack'], VideoProcessingTrack: ['MediaImportTrack'] },
  trackInputMappings: {
    AudioProcessingTrack: ({ MediaImportTrack }, input) => ({ ...input, url: MediaImportTrack.url, sourceUrl: MediaImportTrack.sourceUrl }),
    VideoProcessingTrack: ({ MediaImportTrack }, input) => ({ ...input, url: MediaImportTrack.url, sourceUrl: MediaImportTrack.sourceUrl }),
  },
  finalTask: {
    taskName: 'merge_audio_video',
    inputMapper: ({ MediaImportTrack, AudioProcessingTrack, VideoProcessingTrack }, input) =>
      finalVideoOf({ imported: MediaImportTrack, audio: AudioProcessingTrack, video: VideoProcessingTrack }, input, input.language),
  },
})
