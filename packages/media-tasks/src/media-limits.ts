import { checkBounds } from './bounds.ts'

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
  /** Streams of all kinds in one file, 1 to 100. Default 64. */
  readonly streams: number
  /** Frames of one video, 1 to 20,000,000: 8 bytes of memory each. Default 4,000,000, which is 12 hours at 92 a second. */
  readonly frames: number
  /** Frames a second, as counted, 1 to 1,000. Default 480. */
  readonly framesPerSecond: number
}

export const defaultLimits: MediaLimits = {
  sizeBytes: 50 * 1_024 ** 3,
  outputBytes: 50 * 1_024 ** 3,
  durationSeconds: 12 * 3_600,
  pixels: 7_680 * 4_320,
  streams: 64,
  frames: 4_000_000,
  framesPerSecond: 480,
}

const tebibyte = 1_024 ** 4

const bounds = {
  sizeBytes: [1, tebibyte],
  outputBytes: [1, tebibyte],
  durationSeconds: [1, 7 * 86_400],
  pixels: [1, 67_108_864],
  streams: [1, 100],
  frames: [1, 20_000_000],
  framesPerSecond: [1, 1_000],
} as const

/** The limits with their defaults. Throws `definition_invalid` where one is out of its bounds. */
export function mediaLimits(options: Partial<MediaLimits> = {}): MediaLimits {
  const limits: MediaLimits = { ...defaultLimits, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) }
  checkBounds('limits', limits, bounds)
  return limits
}
