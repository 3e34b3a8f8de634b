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
    /** BCP 47, `en` or `de-AT`. Default: see `detectLanguage`. */
    language: z.string().max(20).optional(),
    /** Find out the language where none is given, where the listener can. Default true. */
    detectLanguage: z.boolean().default(true),
    /** Tell speakers apart. Default true, where the listener can. */
    diarize: z.boolean().default(true),
    /** Words to listen for: names, terms. At most 100. */
    keyterms: z.array(z.string().min(1).max(100)).max(100).default([]),
    /** Write numbers, dates and the like as people do. Default true, where the listener can. */
    smartFormat: z.boolean().default(true),
    /** Ask for what belongs together in one breath. Default true; without it, it is made of the words and the silences. */
    utterances: z.boolean().default(true),
    ...commonOptions,
  }),
  output: z.object({
    transcript,
    /** The transcript as it was stored, as JSON. */
    transcriptUrl: mediaUrl,
    /** The transcript; then what the listener itself said, word for word: Deepgram's JSON, and its captions as WebVTT. */
    files: z.array(storedFile),
    durationSeconds: timeline.durationSeconds,
    sourceUrl: timeline.sourceUrl,
  }),
  timeoutMs: 3_600_000,
  expectedCost: ({ durationSeconds }) => (durationSeconds === undefined ? undefined : { amount: durationSeconds, unit: 'audio_seconds' }),
})
