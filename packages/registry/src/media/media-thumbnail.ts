import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'
import { seconds } from './timeline.ts'

/** One picture of a video, upright. */
export const mediaThumbnail = defineTask({
  name: 'media_thumbnail',
  description: 'Takes one picture of a video.',
  input: z.object({
    url: mediaUrl,
    /** Which moment. Past the end: the last picture. Default: a tenth into the video. */
    atSeconds: seconds.optional(),
    /** Pixels, 16 to 7,680; the height follows. Default: 640, or the video's own width if that is less. */
    width: z.int().min(16).max(7_680).optional(),
    /** Default `jpeg`. */
    format: z.enum(['jpeg', 'png']).default('jpeg'),
    ...commonOptions,
  }),
  output: z.object({
    imageUrl: mediaUrl,
    files: z.array(storedFile),
    width: z.int().min(1),
    height: z.int().min(1),
    atSeconds: seconds,
  }),
  timeoutMs: 600_000,
  expectedCost: 'none',
})
