import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'
import { videoFacts, videoPart } from './video-part.ts'

/** Cuts a video into parts that can be worked on side by side. It tells how many they became: a keyframe starts each. */
export const splitVideo = defineTask({
  name: 'split_video',
  description: 'Cuts a video into parts.',
  input: videoFacts.partial().extend({
    // What an earlier step knows of the video is taken on trust; what is missing is measured.
    videoUrl: mediaUrl,
    /** How many parts at most, 1 to 200. Default 10. */
    partCount: z.int().min(1).max(200).default(10),
    /** No part is planned shorter, 0 to 3,600 s. Default 2. */
    minPartSeconds: z.number().min(0).max(3_600).default(2),
    /** `keyframe` (default): copied, cut where keyframes are, so maybe fewer parts. `exact`: equal parts at any frame, decoded again. */
    splitMode: z.enum(['keyframe', 'exact']).default('keyframe'),
    ...commonOptions,
  }),
  output: videoFacts.extend({ parts: z.array(videoPart).min(1), files: z.array(storedFile) }),
  timeoutMs: 3_600_000,
  expectedCost: 'none',
})
