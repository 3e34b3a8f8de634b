import { z } from 'zod'
import { reviewedInput } from '../conversion-options.ts'
import { defineTrack } from '../registry.ts'

/** What a person says of a transcript: `{}` where all is right, else what is to be spoken in place of it, by the index of a segment; an empty text leaves it out. */
export const review = z.object({ corrections: z.record(z.string().regex(/^\d{1,6}$/, 'expected the index of a segment'), z.string().max(5_000)).default({}) })

const weekMs = 7 * 86_400_000

/**
 * From a video's human voice to one MP3 with an AI voice, which is paid for once a person has read what it is going to say. The review has a week, then the
 * run fails, and asks anew when it is resumed. Takes `{ url }`, the options of a conversion, and `speakAfter`.
 */
export const reviewedAudioTrack = defineTrack({
  name: 'ReviewedAudioTrack',
  enableSupabaseLogging: true,
  input: reviewedInput,
  tasks: [
    { taskName: 'media_audio_extract', inputMapper: ({ url, sourceUrl }) => ({ url, channels: 1, sampleRateHz: 16_000, ...(sourceUrl !== undefined && { sourceUrl }) }) },
    { taskName: 'deepgram_speech_to_text', inputMapper: (sound, { language }) => ({ ...sound, ...(language !== undefined && { language }) }) },
    { taskName: 'convert_json_to_srt' },
    { taskName: 'split_srt_into_segments', id: 'split' },
    {
      approve: 'review',
      schema: review,
      timeoutMs: weekMs,
      onTimeout: 'fail',
      input: ({ segments }) => ({
        segments: segments.map(({ index, startSeconds, speaker, text }) => ({ index, startSeconds, ...(speaker !== undefined && { speaker }), text })),
        characters: segments.reduce((sum, { text }) => sum + text.length, 0),
      }),
    },
    { id: 'until_speak_after', waitUntil: (_review, { speakAfter }) => speakAfter ?? 0 },
    {
      taskName: 'elevenlabs_text_to_speech_batch',
      inputMapper: ({ corrections }, { voices }, { outputs: { split } }) => ({
        ...split,
        segments: split.segments.map((segment) => ({ ...segment, text: corrections[segment.index] ?? segment.text })).filter(({ text }) => text.trim() !== ''),
        ...(voices !== undefined && { voices }),
      }),
    },
    { taskName: 'combine_audio_segments' },
  ],
})
