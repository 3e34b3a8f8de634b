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

/** Told at each block of progress: how much of `durationSeconds` is done (0 where that is not known), and `69 frames/s, 2.3x` as far as that is known. */
export type OnFfmpegProgress = (fraction: number, rate: string | undefined) => void

/** Tells progress lines from all others, and reports them as a fraction, with ffmpeg's own rates. */
export function createProgressReader(options: { readonly durationSeconds?: number | undefined; readonly onProgress?: OnFfmpegProgress | undefined }): ProgressReader {
  const { durationSeconds, onProgress } = options
  let fraction = 0
  let rates: string[] = []
  let frames: number | undefined
  const startedAt = performance.now()
  /** Of what is over in no time ffmpeg knows none. */
  const ownRate = () => (frames === undefined || frames === 0 ? undefined : `${Math.max(1, Math.round((1_000 * frames) / (performance.now() - startedAt)))} frames/s`)
  return {
    read(line) {
      if (!progressLine.test(line)) return false
      const counted = frame.exec(line)?.[1]
      if (counted !== undefined) frames = Number(counted)
      const microseconds = outTime.exec(line)?.[1]
      if (durationSeconds && microseconds !== undefined) fraction = Math.max(fraction, Math.min(1, Number(microseconds) / 1e6 / durationSeconds))
      const [, perSecond] = /^fps=\s*(\d+\.?\d*)$/.exec(line) ?? []
      if (perSecond !== undefined && Number(perSecond) > 0) rates.push(`${Math.round(Number(perSecond))} frames/s`)
      // `1.24e+03x` where it goes very fast.
      const [, speed] = /^speed=\s*(\d[\d.e+]*)x/.exec(line) ?? []
      if (Number(speed) > 0) rates.push(`${Number(speed) < 10 ? Number(speed) : Math.round(Number(speed))}x`)
      if (line.startsWith('progress=')) {
        onProgress?.(fraction, rates.length > 0 ? rates.join(', ') : ownRate())
        rates = []
      }
      return true
    },
    frameCount: () => frames,
  }
}
