import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { speechSegment } from './speech-segment.ts'
import { timeline } from './timeline.ts'

/** Takes subtitles apart into what is to be spoken, and when. Strict: an odd cue is an error that names its line. */
export const splitSrtIntoSegments = defineTask({
  name: 'split_srt_into_segments',
  description: 'Takes SRT subtitles apart into segments to be spoken.',
  placement: { inline: true },
  input: z.object({
    srt: z.string().max(20_000_000),
    /** The speaker of each cue, in order; as many as there are cues. Default: not known. */
    speakers: z.array(z.int().min(0).nullable()).optional(),
    ...timeline,
  }),
  output: z.object({ segments: z.array(speechSegment), ...timeline }),
  timeoutMs: 60_000,
})
