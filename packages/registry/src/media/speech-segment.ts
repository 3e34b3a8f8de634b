import { z } from 'zod'
import { mediaUrl } from './stored-file.ts'
import { seconds } from './timeline.ts'

/** One cue: what is to be said, and when. */
export const speechSegment = z.object({
  /** From 0, in order of time. */
  index: z.int().min(0),
  startSeconds: seconds,
  endSeconds: seconds,
  text: z.string(),
  speaker: z.int().min(0).optional(),
})
export type SpeechSegment = z.output<typeof speechSegment>

/** A cue with its spoken clip. */
export const spokenSegment = speechSegment.extend({
  audioUrl: mediaUrl,
  /** Length of the clip as it was spoken, before it is fitted to its slot. */
  spokenSeconds: seconds.optional(),
  voice: z.string().optional(),
  /** The pace that the voice was asked for. Default 1, its own. */
  voiceSpeed: z.number().min(0.25).max(4).optional(),
})
export type SpokenSegment = z.output<typeof spokenSegment>
