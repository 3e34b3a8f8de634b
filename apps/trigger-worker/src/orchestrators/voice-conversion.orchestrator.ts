import { z } from 'zod'
import { defineOrchestrator } from '../registry.ts'
import { audioProcessingTrack } from '../tracks/audio-processing.track.ts'
import { videoProcessingTrack } from '../tracks/video-processing.track.ts'

/** The flagship: a video whose human voice becomes an AI voice. Both tracks run at once; the final task puts them together. */
export const voiceConversion = defineOrchestrator({
  name: 'VoiceConversion',
  enableSupabaseLogging: true,
  input: z.object({ url: z.string() }),
  tracks: [audioProcessingTrack, videoProcessingTrack],
  finalTask: {
    taskName: 'merge_audio_video',
    inputMapper: ({ AudioProcessingTrack, VideoProcessingTrack }) => ({
      audioUrl: AudioProcessingTrack.finalAudio,
      videoUrl: VideoProcessingTrack.finalVideo,
      srtUrl: AudioProcessingTrack.srtUrl,
    }),
  },
})
