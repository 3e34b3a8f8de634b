import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { speechSegment, spokenSegment } from './speech-segment.ts'
import { commonOptions, storedFile } from './stored-file.ts'
import { timeline } from './timeline.ts'

/** Speaks every segment. ElevenLabs where a key is given; else whatever speaker the worker was given. */
export const elevenlabsTextToSpeechBatch = defineTask({
  name: 'elevenlabs_text_to_speech_batch',
  description: 'Speaks every segment with an AI voice.',
  input: z.object({
    segments: z.array(speechSegment),
    ...timeline,
    /** The voice for speakers that `voices` does not name. Default: the speaking service's choice. */
    voice: z.string().min(1).max(200).optional(),
    /** Which voice speaks for which speaker number, as in `{ "0": "rms", "1": "slt" }`. */
    voices: z.record(z.string().regex(/^\d{1,3}$/, 'expected a speaker number'), z.string().min(1).max(200)).default({}),
    /** The speaking service's own model name. */
    model: z.string().max(100).optional(),
    /** Segments spoken at once, 1 to 20. Default 3. */
    concurrency: z.int().min(1).max(20).default(3),
    ...commonOptions,
  }),
  output: z.object({
    segments: z.array(spokenSegment),
    files: z.array(storedFile),
    /** Who spoke: `elevenlabs`, `flite`. */
    provider: z.string(),
    /** Characters spoken, the unit that services charge for. */
    characters: z.int().min(0),
    ...timeline,
  }),
  timeoutMs: 3_600_000,
})
