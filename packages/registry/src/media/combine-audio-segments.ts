import { z } from 'zod'
import { defineTask } from '../task-contract.ts'
import { spokenSegment } from './speech-segment.ts'
import { commonOptions, mediaUrl, storedFile } from './stored-file.ts'
import { subtitleRules } from './subtitle-rules.ts'
import { seconds, timeline } from './timeline.ts'

/** How one segment came out: what it was given, what it needed, what was done. */
export const cueReport = z.object({
  index: z.int().min(0),
  /** When it was to be spoken. */
  cueStartSeconds: seconds,
  /** Where its first sound stands: later than its cue only by `shiftedSeconds`. */
  startSeconds: seconds,
  /** From its cue's start to its cue's end. */
  slotSeconds: seconds,
  /** As it was spoken, without the silence around it. */
  spokenSeconds: seconds,
  /** The pace that the voice was asked for: 1 is its own. */
  voiceSpeed: z.number().min(0.25).max(4),
  /** How much faster than spoken it is played, from 1. */
  tempo: z.number().min(1),
  /** The whole rate, `voiceSpeed` times `tempo`: 1 is the voice's own pace, 1.2 is 20 % faster. */
  speedUp: z.number().min(0.25),
  /** How much of the following silence it took. */
  borrowedSeconds: seconds,
  /** How much later than its cue it begins, since the one before needed the time. Below 0: earlier, since the end would have cut it. */
  shiftedSeconds: z.number(),
  /** How much did not fit even so, and sounds together with the next cue or is cut at the end. */
  overrunSeconds: seconds,
})
export type CueReport = z.output<typeof cueReport>

/** Lays the spoken clips on one timeline, each at its cue's time, and makes one MP3 of it. */
export const combineAudioSegments = defineTask({
  name: 'combine_audio_segments',
  description: 'Lays spoken clips on one timeline and makes one MP3 of it.',
  input: z.object({
    /** In any order, with clips in any format that ffmpeg reads, of at most 10 minutes each. */
    segments: z.array(spokenSegment),
    /** `durationSeconds` is how long the MP3 will be. Default there: up to the end of the last clip. */
    ...timeline,
    /**
     * How fast a segment may sound so that it fits its slot, 1 to 2: the whole rate, what the voice itself was asked to be faster times
     * what is added here. Default 1.25.
     */
    maxSpeedUp: z.number().min(1).max(2).default(1.25),
    /** Whether a clip may use the silence before the next cue, before it is played faster. Default true. */
    borrowSilence: z.boolean().default(true),
    /** Loudness of the whole, EBU R 128 integrated, -31 to -9 LUFS. Default -16. */
    loudnessLufs: z.number().min(-31).max(-9).default(-16),
    /** No peak is higher, -9 to 0 dBTP. Default -1.5. */
    truePeakDb: z.number().min(-9).max(0).default(-1.5),
    /** Kilobits a second, 64 to 320. Default 192. */
    bitrateKbps: z.int().min(64).max(320).default(192),
    /** 44,100 or 48,000 samples a second. Default 48,000. */
    sampleRateHz: z.union([z.literal(44_100), z.literal(48_000)]).default(48_000),
    /** Make subtitles of what is spoken, where and when it is spoken; `srtUrl` then names them. Default true. */
    subtitles: z.boolean().default(true),
    ...subtitleRules,
    ...commonOptions,
  }),
  output: z.object({
    finalAudio: mediaUrl,
    /** The MP3, then the subtitles. */
    files: z.array(storedFile),
    cues: z.array(cueReport),
    /** As measured. Absent where there is nothing to hear. */
    loudnessLufs: z.number().optional(),
    ...timeline,
    durationSeconds: seconds,
  }),
  timeoutMs: 3_600_000,
  expectedCost: 'none',
})
