import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { speechSegment } from './speech-segment.ts'
import { timeline } from './timeline.ts'

/**
 * Puts what is said into another language, cue by cue: a step between `split_srt_into_segments` and `elevenlabs_text_to_speech_batch`.
 * It is not in `tasks`, since it takes a service: add it with `mergeRegistries`, with a handler of your own, or `createTranslateSegmentsHandler`
 * of `@track-orchestrator/media-tasks`.
 */
export const translateSegments = defineTask({
  name: 'translate_segments',
  description: 'Translates what is said, cue by cue.',
  input: z.object({
    segments: z.array(speechSegment),
    ...timeline,
    /** BCP 47, `en` or `de-AT`. */
    targetLanguage: z.string().min(2).max(20),
    /** BCP 47. Default: the translator finds out. */
    sourceLanguage: z.string().min(2).max(20).optional(),
    /** How words must be translated, by how they are said: names, terms. */
    glossary: z.record(z.string().min(1).max(200), z.string().max(200)).default({}),
  }),
  output: z.object({
    /** The same cues: index, times and speaker as they were. */
    segments: z.array(speechSegment),
    /** What the segments are in now, BCP 47. */
    language: z.string(),
    ...timeline,
  }),
  timeoutMs: 3_600_000,
})
