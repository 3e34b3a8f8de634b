import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, storedFile } from './stored-file.ts'
import { encoding, videoFacts, videoPart } from './video-part.ts'

/** Makes H.264 of every part, each as a task of its own (`transcode_video_segment`). */
export const transcodeVideoSegments = defineTask({
  name: 'transcode_video_segments',
  description: 'Makes H.264 of every part of a video.',
  input: videoFacts.extend({
    parts: z.array(videoPart).min(1).max(1_000),
    ...encoding,
    /** Parts at once, 1 to 100. Default: as many as the engine has room for. */
    concurrency: z.int().min(1).max(100).optional(),
    ...commonOptions,
  }),
  output: videoFacts.extend({ parts: z.array(videoPart).min(1), files: z.array(storedFile) }),
  timeoutMs: 21_600_000,
  expectedCost: 'none',
})
