import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, storedFile } from './stored-file.ts'
import { notes } from './timeline.ts'
import { encoding, videoFacts, videoPart } from './video-part.ts'

/** Makes H.264 (yuv420p, MP4) of one part of a video: every frame once, at its own time, upright. */
export const transcodeVideoSegment = defineTask({
  name: 'transcode_video_segment',
  description: 'Makes H.264 of one part of a video.',
  input: z.object({
    part: videoPart,
    /** Of the whole video, so that all parts come out alike. */
    video: videoFacts,
    ...encoding,
    ...commonOptions,
  }),
  output: z.object({ part: videoPart, files: z.array(storedFile), notes }),
  timeoutMs: 7_200_000,
  expectedCost: 'none',
})
