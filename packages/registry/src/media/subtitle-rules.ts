import { z } from 'zod'

/** The usual limits of subtitles. Where no limit is given, the script of each cue decides. */
export const subtitleRules = {
  /** Characters in a line, 10 to 200. Default 42; 16 for Chinese, Japanese and Korean. A longer word stands alone in its line. */
  maxLineCharacters: z.int().min(10).max(200).optional(),
  /** Lines in a cue, 1 to 4. Default 2. */
  maxLines: z.int().min(1).max(4).default(2),
  /** Shortest cue, 0.1 to 5 s. Default 5/6. */
  minCueSeconds: z.number().min(0.1).max(5).default(5 / 6),
  /** Longest cue, 1 to 30 s. Default 7. */
  maxCueSeconds: z.number().min(1).max(30).default(7),
  /** Characters a second, 5 to 60, line breaks not counted. Default 20; 11 for Chinese, Japanese and Korean. */
  maxCharactersPerSecond: z.number().min(5).max(60).optional(),
  /** Least time between two cues, in frames of 1/24 s or, of a faster video, its own, 0 to 25. Default 2. */
  minGapFrames: z.int().min(0).max(25).default(2),
}
