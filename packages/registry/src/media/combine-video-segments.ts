import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'
import { notes, seconds } from './timeline.ts'
import { videoPart } from './video-part.ts'

/** Joins H.264 parts into one MP4 without encoding again, and counts the frames. */
export const combineVideoSegments = defineTask({
  name: 'combine_video_segments',
  description: 'Joins the parts of a video into one MP4.',
  input: z.object({
    parts: z.array(videoPart).min(1).max(1_000),
    /** Length of the whole. Default: what the parts come to. */
    durationSeconds: seconds.optional(),
    notes,
    ...commonOptions,
  }),
  output: z.object({
    finalVideo: mediaUrl,
    files: z.array(storedFile),
    durationSeconds: seconds,
    frameCount: z.int().min(0),
    notes,
  }),
  timeoutMs: 3_600_000,
  expectedCost: 'none',
})
