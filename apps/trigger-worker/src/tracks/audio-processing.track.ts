import { conversionInput } from '../conversion-options.ts'
import { defineTrack } from '../registry.ts'

/** From a video's human voice to one MP3 with an AI voice, on the video's clock. Takes `{ url }` and the options of a conversion. */
export const audioProcessingTrack = defineTrack({
  name: 'AudioProcessingTrack',
  enableSupabaseLogging: true,
  input: conversionInput,
  tasks: [
    { taskName: 'media_audio_extract', inputMapper: ({ url, sourceUrl }) => ({ url, channels: 1, sampleRateHz: 16_000, ...(sourceUrl !== undefined && { sourceUrl }) }) },
    { taskName: 'deepgram_speech_to_text', inputMapper: (sound, { language }) => ({ ...sound, ...(language !== undefined && { language }) }) },
    { taskName: 'convert_json_to_srt' },
    { taskName: 'split_srt_into_segments' },
    { taskName: 'elevenlabs_text_to_speech_batch', inputMapper: (split, { voices }) => ({ ...split, ...(voices !== undefined && { voices }) }) },
    { taskName: 'combine_audio_segments' },
  ],
})
