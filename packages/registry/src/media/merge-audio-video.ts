import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'
import { notes, seconds } from './timeline.ts'

/**
 * Puts sound under a picture: the picture copied, the sound as AAC. Where the sound is shorter, silence follows; where it goes on after the
 * last picture, that is held, and the picture encoded again for it.
 * On request with the original's sound as a bed beneath it, and with subtitles, inside and beside the MP4.
 */
export const mergeAudioVideo = defineTask({
  name: 'merge_audio_video',
  description: 'Puts a sound track under a video: one MP4, ready to stream.',
  input: z
    .object({
      audioUrl: mediaUrl,
      videoUrl: mediaUrl,
      /** The subtitles, SRT. Handed on, so that the result tells where they are. */
      srtUrl: mediaUrl.optional(),
      /** Put them into the MP4, as a track (`mov_text`) that viewers can switch on. Default false. */
      softSubtitles: z.boolean().default(false),
      /** Store them beside the MP4, as SRT and as WebVTT. Default false. */
      subtitleFiles: z.boolean().default(false),
      /** Language of the subtitles: three letters of ISO 639-2, such as `eng`. Default `und`, not known. */
      subtitleLanguage: z.string().regex(/^[a-z]{3}$/, 'expected three small letters such as eng').default('und'),
      /** The medium whose sound may lie beneath the new one; on the video's clock where it has pictures. */
      sourceUrl: mediaUrl.optional(),
      /**
       * How loud that sound is, 0 to 1, as a factor; it makes way, by `duckDb`, while the new one sounds. Everything in it
       * is heard, voices too: nothing is told apart. Default 0, not at all.
       */
      backgroundVolume: z.number().min(0).max(1).default(0),
      /** By how many decibels, about, it makes way while the new sound is heard at a usual loudness, 0 to 36. Default 18. */
      duckDb: z.number().min(0).max(36).default(18),
      /** Kilobits a second, 64 to 256. Default 192. */
      audioBitrateKbps: z.int().min(64).max(256).default(192),
      notes,
      ...commonOptions,
    })
    .refine((input) => input.srtUrl !== undefined || !(input.softSubtitles || input.subtitleFiles), { path: ['srtUrl'], message: 'subtitles are asked for, but not given' })
    .refine((input) => input.sourceUrl !== undefined || input.backgroundVolume === 0, { path: ['sourceUrl'], message: 'a background is asked for, but not given' }),
  output: z.object({
    url: mediaUrl,
    /** The MP4 first. */
    files: z.array(storedFile),
    durationSeconds: seconds,
    srtUrl: mediaUrl.optional(),
    vttUrl: mediaUrl.optional(),
    notes,
  }),
  timeoutMs: 3_600_000,
  expectedCost: 'none',
})
