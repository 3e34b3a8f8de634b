import { conversionInput, subtitleLanguageOf } from '../conversion-options.ts'
import { defineOrchestrator } from '../registry.ts'
import { audioProcessingTrack } from '../tracks/audio-processing.track.ts'
import { videoProcessingTrack } from '../tracks/video-processing.track.ts'

/** The flagship: a video whose human voice becomes an AI voice. Both tracks run at once; the final task puts them together. */
export const voiceConversion = defineOrchestrator({
  name: 'VoiceConversion',
  enableSupabaseLogging: true,
  input: conversionInput,
  tracks: [audioProcessingTrack, videoProcessingTrack],
  finalTask: {
    taskName: 'merge_audio_video',
    inputMapper: ({ AudioProcessingTrack, VideoProcessingTrack }, { url, language, background, subtitles }) => ({
      audioUrl: AudioProcessingTrack.finalAudio,
      videoUrl: VideoProcessingTrack.finalVideo,
      ...(subtitles !== 'none' && AudioProcessingTrack.srtUrl !== undefined && { srtUrl: AudioProcessingTrack.srtUrl, softSubtitles: subtitles === 'soft', subtitleFiles: subtitles === 'file' }),
      subtitleLanguage: subtitleLanguageOf(language),
      ...(background !== 'none' && { sourceUrl: url, backgroundVolume: 1, duckDb: background.duckDb }),
      notes: [...(VideoProcessingTrack.notes ?? []), ...(AudioProcessingTrack.notes ?? [])],
    }),
  },
})
