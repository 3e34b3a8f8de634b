/** How much of a medium is taken on. What is over is refused before any work is done. */
export interface MediaLimits {
  /** Bytes of one input file. Default 50 GiB. */
  readonly sizeBytes: number
  /** Length of one input. Default 12 hours. */
  readonly durationSeconds: number
  /** Width times height. Default that of 8K, 7,680 × 4,320. */
  readonly pixels: number
}

export const defaultLimits: MediaLimits = { sizeBytes: 50 * 1024 ** 3, durationSeconds: 12 * 3_600, pixels: 7_680 * 4_320 }
