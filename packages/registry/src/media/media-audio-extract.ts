import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'
import { seconds } from './timeline.ts'

/** Takes the sound out of a medium and lays it on the clock that it shares with the picture; silence fills what is missing. */
export const mediaAudioExtract = defineTask({
  name: 'media_audio_extract',
  description: 'Takes the sound out of a video or audio file.',
  input: z
    .object({
      url: mediaUrl,
      /** Where it came from, if `url` is a copy, as `media_import` makes one. Handed on. Default: `url`. */
      sourceUrl: z.string().min(1).max(4_096).optional(),
      /** Which audio stream, from 0. Default: the one marked as default, else the first. */
      audioStream: z.int().min(0).max(63).optional(),
      /** Default `wav` (16-bit PCM). `mp3` and `aac` (in .m4a) are copied, not encoded again, where the source already fits. */
      format: z.enum(['wav', 'mp3', 'aac']).default('wav'),
      /** Samples a second: 16,000 (all that is needed to understand speech; `wav` only), 44,100, 48,000 (default) or 96,000 (not `mp3`). */
      sampleRateHz: z.union([z.literal(16_000), z.literal(44_100), z.literal(48_000), z.literal(96_000)]).default(48_000),
      /** 1 or 2. Default: as the source, at most 2. */
      channels: z.union([z.literal(1), z.literal(2)]).optional(),
      /** Kilobits a second: 64-320 for `mp3`, 64-256 for `aac`; no meaning for `wav`. Default 192. */
      bitrateKbps: z.int().min(64).max(320).default(192),
      ...commonOptions,
    })
    .refine((input) => input.format !== 'mp3' || input.sampleRateHz !== 96_000, { path: ['sampleRateHz'], message: 'mp3 goes up to 48000' })
    .refine((input) => input.format === 'wav' || input.sampleRateHz !== 16_000, { path: ['sampleRateHz'], message: 'only wav goes down to 16000' })
    .refine((input) => input.format !== 'aac' || input.bitrateKbps <= 256, { path: ['bitrateKbps'], message: 'aac goes up to 256' }),
  output: z.object({
    audioUrl: mediaUrl,
    files: z.array(storedFile),
    durationSeconds: seconds,
    sourceUrl: z.string(),
    audioStream: z.int().min(0),
    /** The sound was copied bit by bit. */
    copied: z.boolean(),
  }),
  timeoutMs: 3_600_000,
  expectedCost: 'none',
})
