import { z } from 'zod'

/** Seconds on the clock that picture and sound share: 0 is the first picture, or the first sound where that is clearly earlier. */
export const seconds = z.number().min(0)

/** What was done to the picture, or to what was said, and why, a sentence each, for a person. Handed along to the final result. */
export const notes = z.array(z.string()).optional()

/**
 * Handed along the audio track, so that the last step knows how long the result must be, and which picture it belongs to.
 * `durationSeconds`: length of the video (of the audio, where there is no video).
 */
export const timeline = {
  durationSeconds: seconds.optional(),
  /** The medium that all of this came from. */
  sourceUrl: z.string().optional(),
  /** The stored subtitles, from the step that made them on. */
  srtUrl: z.string().optional(),
  notes,
}

/** Frames a second as a fraction, `30000/1001`. */
export const frameRate = z.string().regex(/^[1-9]\d{0,8}\/[1-9]\d{0,8}$/, 'expected a fraction such as 30000/1001')

/** How a picture is stored, where that is not how it is to be shown; each absent where it is. Handed along, since not every container can carry it. */
export const pictureFacts = {
  /** The stored picture is upside down, before it is turned: `mirrored` and 180 degrees swap left and right. */
  mirrored: z.boolean().optional(),
  /** Width of a pixel to its height, where pixels are not square, `64/45`. */
  pixelAspect: frameRate.optional(),
  /** Every frame holds the rows of two moments; those of the earlier one are the upper or the lower. */
  interlaced: z.enum(['top', 'bottom']).optional(),
  /** High dynamic range, and by which curve. */
  hdr: z.enum(['pq', 'hlg']).optional(),
}


/** How the picture must be turned to stand upright, clockwise. Handed along, since not every container can carry it. */
export const rotationDegrees = z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)])
