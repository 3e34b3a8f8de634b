import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { cueReport } from './combine-audio-segments.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'
import { subtitleRules } from './subtitle-rules.ts'
import { encoding } from './video-part.ts'

const spread = z.object({ p50: z.number(), p95: z.number() })

/** One thing that was measured, and how it should be. */
const outputCheck = z.object({
  /** What was measured: `mean_iou`, `onset_p95_ms`, `frames_lost`, … */
  name: z.string(),
  value: z.number(),
  /** `at most 40 ms`. */
  wanted: z.string(),
  passed: z.boolean(),
})
export type OutputCheck = z.output<typeof outputCheck>

const span = z.object({ startSeconds: z.number(), endSeconds: z.number() })

/** A spoken unit as it was heard: in the source, and in the result. */
const heardUnit = z.object({
  index: z.int().min(0),
  /** When it was to be spoken. */
  cue: span,
  /** When the source is heard to speak there. Absent where it is not. */
  old: span.optional(),
  /** When the result is heard to speak there. */
  new: span.optional(),
  /** How much of both spans is common to both: 1 is all, 0 is nothing. Absent where the source has no speech there to compare with. */
  iou: z.number().min(0).max(1).optional(),
  speedUp: z.number(),
  overrunSeconds: z.number(),
})
export type HeardUnit = z.output<typeof heardUnit>

const violation = z.object({
  /** Number of the cue, from 1, as in the SRT. */
  cue: z.int().min(1),
  rule: z.enum(['line_characters', 'lines', 'too_short', 'too_long', 'characters_per_second', 'gap', 'onset']),
  value: z.number(),
  limit: z.number(),
})
export type SubtitleViolation = z.output<typeof violation>

/** What was found out about a finished video. */
export const outputReport = z.object({
  passed: z.boolean(),
  checks: z.array(outputCheck),
  /** What could not be measured, and why: it counts neither for nor against the result. */
  notMeasured: z.array(z.object({ name: z.string(), why: z.string() })).optional(),
  speech: z
    .object({
      /** Mean over the spoken units of what old and new speech have in common, from 0 to 1. Absent where fewer than half of them can be compared. */
      meanIou: z.number().optional(),
      /** How far the new voice begins from its cue, in milliseconds, either way. */
      onsetErrorMs: spread,
      /** How far it begins from where the old voice is heard to begin. */
      onsetFromOldMs: spread.optional(),
      /** Of the whole rate: the voice's own speed times the tempo. 1 is the voice's own pace. */
      speedUp: spread,
      /** Units that sound over the next one, or after the end. */
      overruns: z.int().min(0),
      /** Units that began later than their cue, since the one before needed the time. */
      shifted: z.int().min(0),
      units: z.array(heardUnit),
    })
    .optional(),
  picture: z.object({ framesIn: z.int(), framesOut: z.int(), framesLost: z.int(), framesPerSecond: z.number() }),
  /** Sound against picture: how much later the sound begins and ends, in milliseconds. */
  sync: z.object({ startMs: z.number(), endMs: z.number() }),
  /** Of the sound in the result, as decoded. Absent where there is nothing to hear. */
  sound: z.object({ loudnessLufs: z.number().optional(), truePeakDb: z.number().optional() }),
  subtitles: z.object({ cues: z.int().min(0), violations: z.array(violation) }).optional(),
  /** Structural similarity to the source, 0 to 1: of the result, whose parts were joined, and of one encode of the whole. */
  similarity: z.object({ joined: z.number(), single: z.number(), difference: z.number() }).optional(),
})
export type OutputReport = z.output<typeof outputReport>

/**
 * Measures a finished video against its source and its cues, and says what it found as data, as JSON, as Markdown and as one page of
 * HTML. It judges, and does not fail: `report.passed` tells.
 */
export const verifyOutput = defineTask({
  name: 'verify_output',
  description: 'Measures a finished video against its source: speech, picture, sound and subtitles.',
  input: z.object({
    /** The finished video. */
    url: mediaUrl,
    sourceUrl: mediaUrl,
    /** What `combine_audio_segments` tells of each spoken unit. Default: speech is not compared. */
    cues: z.array(cueReport).optional(),
    /** The new voice alone, for a video that has a background under it. Default: the sound of the video. */
    voiceUrl: mediaUrl.optional(),
    /** Subtitles of the finished video. Default: not looked at. */
    srtUrl: mediaUrl.optional(),
    /** How loud it was meant to be. Default -16 LUFS. */
    loudnessLufs: z.number().min(-31).max(-9).default(-16),
    /** Highest true peak. Default -1 dBTP. */
    truePeakDb: z.number().min(-9).max(0).default(-1),
    /** Encode the source once as a whole, with these settings, and compare how alike both are to it. Takes as long as that encode. Default: not done. */
    compareWithEncode: z.object(encoding).optional(),
    ...subtitleRules,
    /** Name on the pages. Default: the name of the file. */
    title: z.string().max(200).optional(),
    ...commonOptions,
  }),
  output: z.object({
    report: outputReport,
    /** One line for a terminal. */
    summary: z.string(),
    jsonUrl: mediaUrl,
    markdownUrl: mediaUrl,
    htmlUrl: mediaUrl,
    files: z.array(storedFile),
  }),
  timeoutMs: 7_200_000,
  expectedCost: 'none',
})
