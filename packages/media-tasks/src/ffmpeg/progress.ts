/** What `-progress` writes, a block of `key=value` lines twice a second (ffmpeg manual, "Main options"). */
const progressLine = /^(?:frame|fps|stream_\d+_\d+_\w+|bitrate|total_size|out_time\w*|dup_frames|drop_frames|speed|progress)=/
/** Microseconds, in spite of the older one's name. */
const outTime = /^out_time_(?:us|ms)=(\d+)/

const frame = /^frame=\s*(\d+)/

export interface ProgressReader {
  /** Whether the line belongs to the progress; if so, it has been seen to. */
  read(line: string): boolean
  /** Frames written so far; in the end, all of them. Nothing where there is no picture. */
  frameCount(): number | undefined
}

/** Tells progress lines from all others, and reports them as a fraction. */
export function createProgressReader(options: {
  readonly durationSeconds?: number | undefined
  readonly onProgress?: ((fraction: number) => void) | undefined
}): ProgressReader {
  const { durationSeconds, onProgress } = options
  let last = 0
  let frames: number | undefined
  return {
    read(line) {
      if (!progressLine.test(line)) return false
      const counted = frame.exec(line)?.[1]
      if (counted !== undefined) frames = Number(counted)
      const microseconds = outTime.exec(line)?.[1]
      if (onProgress && durationSeconds && microseconds !== undefined) {
        const fraction = Math.min(1, Number(microseconds) / 1e6 / durationSeconds)
        if (fraction > last) {
          last = fraction
          onProgress(fraction)
        }
      }
      return true
    },
    frameCount: () => frames,
  }
}
