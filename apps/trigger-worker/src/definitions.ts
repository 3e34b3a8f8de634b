import { voiceConversion } from './orchestrators/voice-conversion.orchestrator.ts'
import { audioProcessingTrack } from './tracks/audio-processing.track.ts'
import { compositeAudioProcessingTrack } from './tracks/composite-audio-processing.track.ts'
import { mediaProcessingTrack } from './tracks/media-processing.track.ts'
import { videoProcessingTrack } from './tracks/video-processing.track.ts'

export { audioProcessingTrack, compositeAudioProcessingTrack, mediaProcessingTrack, videoProcessingTrack, voiceConversion }

/** Every track this worker runs, by its name. */
export const tracks = {
  AudioProcessingTrack: audioProcessingTrack,
  VideoProcessingTrack: videoProcessingTrack,
  MediaProcessingTrack: mediaProcessingTrack,
  CompositeAudioProcessing: compositeAudioProcessingTrack,
} as const

/** Every orchestrator this worker runs, by its name. */
export const orchestrators = { VoiceConversion: voiceConversion } as const
