import { wholeNumber, type RulesOf } from '@track-orchestrator/registry/options'

/** How much of a medium is taken on. What is over is refused before any work is done, or as soon as it shows. Whole numbers. */
export interface MediaLimits {
  /** Bytes of one input file, 1 to 1 TiB. Default 50 GiB. */
  readonly sizeBytes: number
  /** Bytes of one file that ffmpeg makes, 1 to 1 TiB: where a run would go on for ever, it ends there. Default 50 GiB. */
  readonly outputBytes: number
  /** Length of one input, 1 s to 7 days. Default 12 hours. */
  readonly durationSeconds: number
  /** Width times height, 1 to 67,108,864. Default that of 8K, 7,680 × 4,320. */
  readonly pixels: number
  /** Streams of picture and of sound in one file, 1 to 100. Default 64. Covers, subtitles, attachments and the like do not count. */
  readonly streams: number
  /** Frames of one video, 1 to 20,000,000: 8 bytes of memory each. Default 4,000,000, which is 12 hours at 92 a second. */
  readonly frames: number
  /** Frames a second, as counted, 1 to 1,000. Default 480. */
  readonly framesPerSecond: number
  /**
   * Memory of one ffmpeg, 256 MiB to 1 TiB, where the system can limit it (Linux: `prlimit`). Default 8 GiB, which 8K with x264's slowest
   * preset needs. ffprobe gets less, as much as pictures and frames of these limits can need.
   */
  readonly memoryBytes: number
}

const mebibyte = 1_024 ** 2
const gibibyte = 1_024 ** 3
const tebibyte = 1_024 ** 4

export const defaultLimits: MediaLimits = {
  sizeBytes: 50 * gibibyte,
  outputBytes: 50 * gibibyte,
  durationSeconds: 12 * 3_600,
  pixels: 7_680 * 4_320,
  streams: 64,
  frames: 4_000_000,
  framesPerSecond: 480,
  memoryBytes: 8 * gibibyte,
}

/** The bounds of each limit. */
export const limitRules: RulesOf<MediaLimits> = {
  sizeBytes: wholeNumber({ from: 1, to: tebibyte }),
  outputBytes: wholeNumber({ from: 1, to: tebibyte }),
  durationSeconds: wholeNumber({ from: 1, to: 7 * 86_400 }),
  pixels: wholeNumber({ from: 1, to: 67_108_864 }),
  streams: wholeNumber({ from: 1, to: 100 }),
  frames: wholeNumber({ from: 1, to: 20_000_000 }),
  framesPerSecond: wholeNumber({ from: 1, to: 1_000 }),
  memoryBytes: wholeNumber({ from: 256 * mebibyte, to: tebibyte }),
}

/**
 * What ffprobe may take of memory: an index of all frames (24 bytes each in ffmpeg's `AVIndexEntry`), a few pictures (one of 8K in H.264,
 * 10 bit and 4:4:4, was measured to take 8 bytes a pixel), and a rest.
 */
export function probeMemoryBytes({ pixels, frames, memoryBytes }: Pick<MediaLimits, 'pixels' | 'frames' | 'memoryBytes'>): number {
  return Math.min(memoryBytes, 384 * mebibyte + 8 * pixels + 24 * frames)
}
