import { defineTrack } from '../registry.ts'

/** From a video's human voice to one MP3 with an AI voice, on the video's clock. Takes `{ url }`. */
export const audioProcessingTrack = defineTrack({
  name: 'AudioProcessingTrack',
  enableSupabaseLogging: true,
  tasks: [
    { taskName: 'media_audio_extract' },
    { taskName: 'deepgram_speech_to_text' },
    { taskName: 'convert_json_to_srt' },
    { taskName: 'split_srt_into_segments' },
    { taskName: 'elevenlabs_text_to_speech_batch' },
    { taskName: 'combine_audio_segments' },
  ],
})
