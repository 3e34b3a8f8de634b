import { z } from 'zod'
import { notes, seconds } from './timeline.ts'

export const transcriptWord = z.object({
  /** As it should be read, with punctuation and capitals. */
  text: z.string(),
  startSeconds: seconds,
  endSeconds: seconds,
  /** From 0 to 1. */
  confidence: z.number().min(0).max(1).optional(),
  /** Speaker number from 0, where speakers were told apart. */
  speaker: z.int().min(0).optional(),
})
export type TranscriptWord = z.output<typeof transcriptWord>

/** What somebody said in one breath. */
export const utterance = z.object({
  text: z.string(),
  startSeconds: seconds,
  endSeconds: seconds,
  confidence: z.number().min(0).max(1).optional(),
  speaker: z.int().min(0).optional(),
})

/** Speech as text, with times. The same shape whoever listened. */
export const transcript = z.object({
  /** Who listened: `deepgram`, `pocketsphinx`, `recorded`. */
  provider: z.string(),
  model: z.string().optional(),
  /** BCP 47, `en` or `en-US`. */
  language: z.string().optional(),
  words: z.array(transcriptWord),
  utterances: z.array(utterance),
  /** What was amiss with what the listener said, and how it was repaired. */
  notes,
})
export type Transcript = z.output<typeof transcript>
