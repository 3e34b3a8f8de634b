import { z } from 'zod'

/** Seconds on the video's own clock: 0 is its first picture. */
export const seconds = z.number().min(0)

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
}

/** Frames a second as a fraction, `30000/1001`. */
export const frameRate = z.string().regex(/^[1-9]\d{0,8}\/[1-9]\d{0,8}$/, 'expected a fraction such as 30000/1001')

/** How the picture must be turned to stand upright, clockwise. Handed along, since not every container can carry it. */
export const rotationDegrees = z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)])
