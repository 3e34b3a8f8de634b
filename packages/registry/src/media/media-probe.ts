import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { commonOptions, mediaUrl } from './stored-file.ts'
import { pictureFacts, rotationDegrees } from './timeline.ts'

/** A stream's start may lie before 0: Opus in WebM starts a few milliseconds early. */
const streamFacts = {
  /** Place among the streams of its kind, from 0. */
  index: z.int().min(0),
  codec: z.string(),
  startSeconds: z.number(),
  durationSeconds: z.number().min(0).optional(),
  isDefault: z.boolean(),
  language: z.string().optional(),
}

/** What a medium holds. */
export const mediaFacts = z.object({
  /** ffprobe's name for the container, `matroska,webm`. */
  container: z.string(),
  sizeBytes: z.int().min(0),
  /** Absent where the file does not say, as in a browser's recording. */
  durationSeconds: z.number().min(0).optional(),
  video: z.array(
    z.object({
      ...streamFacts,
      width: z.int().min(0),
      height: z.int().min(0),
      /** Average frames a second, as a fraction; `0/0` where not known. */
      frameRate: z.string(),
      pixelFormat: z.string().optional(),
      rotationDegrees,
      ...pictureFacts,
    }),
  ),
  audio: z.array(z.object({ ...streamFacts, sampleRateHz: z.int().min(0), channels: z.int().min(0), bitrateKbps: z.number().min(0).optional() })),
  subtitleCount: z.int().min(0),
})
export type MediaFacts = z.output<typeof mediaFacts>

/** Tells what a medium holds. */
export const mediaProbe = defineTask({
  name: 'media_probe',
  description: 'Tells what a media file holds.',
  input: z.object({ url: mediaUrl, ...commonOptions }),
  output: mediaFacts,
  timeoutMs: 120_000,
  expectedCost: 'none',
})
