import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { speechSegment } from './speech-segment.ts'
import { timeline } from './timeline.ts'

/** Takes subtitles apart into what is to be spoken, and when, sentence by sentence. Strict: an odd cue is an error that names its line. What lies after `durationSeconds` is left out, and said in `notes`. */
export const splitSrtIntoSegments = defineTask({
  name: 'split_srt_into_segments',
  description: 'Takes SRT subtitles apart into segments to be spoken.',
  placement: { inline: true },
  input: z.object({
    srt: z.string().max(20_000_000),
    /** The speaker of each cue, in order; as many as there are cues. Default: not known. */
    speakers: z.array(z.int().min(0).nullable()).optional(),
    /** Join cues that are parts of one sentence, so that a voice speaks it in one go. Default true. */
    joinSentences: z.boolean().default(true),
    /** A silence this long divides a sentence all the same, 0 to 10 s. Default 0.6. */
    maxPauseSeconds: z.number().min(0).max(10).default(0.6),
    /** No segment becomes longer than this by joining, 1 to 60 s. Default 15. */
    maxUnitSeconds: z.number().min(1).max(60).default(15),
    ...timeline,
  }),
  output: z.object({ segments: z.array(speechSegment), ...timeline }),
  timeoutMs: 60_000,
  expectedCost: 'none',
})
