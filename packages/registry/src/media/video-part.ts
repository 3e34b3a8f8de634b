import { z } from 'zod'
import { mediaUrl } from './stored-file.ts'
import { frameRate, notes, pictureFacts, rotationDegrees, seconds } from './timeline.ts'

/** A piece of a video. In `exact` mode it is a range of frames of the whole file; else a file of its own. */
export const videoPart = z.object({
  /** From 0, in order of time. */
  index: z.int().min(0),
  url: mediaUrl,
  startSeconds: seconds,
  durationSeconds: seconds,
  frameCount: z.int().min(0),
  /** Which frames of the file at `url` belong to the part: from `first` up to, not including, `end`. Absent: all. */
  frames: z.object({ first: z.int().min(0), end: z.int().min(1) }).optional(),
  /** One picture, `frames.first`, that stands still for the whole of the part, `frameCount` times: before the first picture or after the last. */
  still: z.boolean().optional(),
  /** The same frames in the file that the part was cut out of, for where those of its own file cannot be decoded without what lay before. */
  whole: z.object({ url: mediaUrl, first: z.int().min(0), end: z.int().min(1) }).optional(),
})
export type VideoPart = z.output<typeof videoPart>

/** What has to be known about the whole video in order to treat each part alike. */
export const videoFacts = z.object({
  /** Of picture or sound, whichever is longer. */
  durationSeconds: seconds,
  /** Of the source, pictures that stand still counted once. */
  frameCount: z.int().min(0),
  frameRate,
  /** Frames are not evenly spaced, and keep their own times. */
  variableFrameRate: z.boolean(),
  /** As stored, before turning. */
  width: z.int().min(1),
  height: z.int().min(1),
  rotationDegrees,
  ...pictureFacts,
  /** How long the sound lasts before the first picture, which stands still meanwhile, and after the last. Part of `durationSeconds`; absent where it does not. */
  leadSeconds: seconds.optional(),
  holdSeconds: seconds.optional(),
  notes,
})
export type VideoFacts = z.output<typeof videoFacts>

/** How H.264 is made. */
export const encoding = {
  /** x264's constant rate factor, 0 (lossless) to 51 (worst). Default 23. */
  crf: z.int().min(0).max(51).default(23),
  /** x264's preset: slower is smaller. Default `veryfast`. */
  preset: z.enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow']).default('veryfast'),
  /** Height of the upright picture in pixels, 120 to 4320, even; the width follows. Default: as the source, odd sizes cut to even. */
  outputHeight: z.int().min(120).max(4_320).multipleOf(2).optional(),
}
