import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'
import { videoFacts } from './video-part.ts'

/** Copies the picture of a video, without any sound, into a Matroska file whose first picture stands at 0. */
export const videoStripAudios = defineTask({
  name: 'video_strip_audios',
  description: 'Copies the picture of a video without its sound.',
  input: z.object({ url: mediaUrl, ...commonOptions }),
  output: videoFacts.extend({ videoUrl: mediaUrl, files: z.array(storedFile) }),
  timeoutMs: 3_600_000,
  expectedCost: 'none',
})
