import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'
import { timeline } from './timeline.ts'
import { transcript } from './transcript.ts'

/** Turns speech into text with times. Deepgram where a key is given; else whatever listener the worker was given. */
export const deepgramSpeechToText = defineTask({
  name: 'deepgram_speech_to_text',
  description: 'Turns speech into text with times and speakers.',
  input: z.object({
    audioUrl: mediaUrl,
    durationSeconds: timeline.durationSeconds,
    sourceUrl: timeline.sourceUrl,
    /** The listener's own model name. Default: the listener's choice. */
    model: z.string().max(100).optional(),
    /** BCP 47, `en` or `de-AT`. Default: the listener's choice. */
    language: z.string().max(20).optional(),
    /** Tell speakers apart. Default true, where the listener can. */
    diarize: z.boolean().default(true),
    /** Words to listen for: names, terms. At most 100. */
    keyterms: z.array(z.string().min(1).max(100)).max(100).default([]),
    ...commonOptions,
  }),
  output: z.object({
    transcript,
    /** The transcript as it was stored, as JSON. */
    transcriptUrl: mediaUrl,
    files: z.array(storedFile),
    durationSeconds: timeline.durationSeconds,
    sourceUrl: timeline.sourceUrl,
  }),
  timeoutMs: 3_600_000,
})
