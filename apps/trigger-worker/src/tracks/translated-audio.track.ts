import { translationInput } from '../conversion-options.ts'
import { defineTrack } from '../registry.ts'

/** From a video's human voice to one MP3 with an AI voice that says the same in another language, on the video's clock. Takes `{ url, translateTo }` and the options of a conversion. */
export const translatedAudioTrack = defineTrack({
  name: 'TranslatedAudioTrack',
  enableSupabaseLogging: true,
  input: translationInput,
  tasks: [
    { taskName: 'media_audio_extract', inputMapper: ({ url, sourceUrl }) => ({ url, channels: 1, sampleRateHz: 16_000, ...(sourceUrl !== undefined && { sourceUrl }) }) },
    { taskName: 'deepgram_speech_to_text', inputMapper: (sound, { language }) => ({ ...sound, ...(language !== undefined && { language }) }) },
    { taskName: 'convert_json_to_srt' },
    { taskName: 'split_srt_into_segments' },
    {
      taskName: 'translate_segments',
      inputMapper: (split, { translateTo, language, glossary }) => ({
        ...split,
        targetLanguage: translateTo,
        ...(language !== undefined && { sourceLanguage: language }),
        ...(glossary !== undefined && { glossary }),
      }),
    },
    { taskName: 'elevenlabs_text_to_speech_batch', inputMapper: (translated, { voices }) => ({ ...translated, ...(voices !== undefined && { voices }) }) },
    { taskName: 'combine_audio_segments' },
  ],
})
