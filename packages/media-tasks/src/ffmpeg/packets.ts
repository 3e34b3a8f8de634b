import type { Ffmpeg } from './ffmpeg.ts'
import { streamFfprobe, type FfprobeOptions } from './run-ffprobe.ts'

/** A packet as the container holds it: most often one frame. */
export interface Packet {
  /** When it is shown; `NaN` where the container does not say (AVI with frames that refer to later ones). */
  readonly ptsSeconds: number
  /** 0 where the container does not say. */
  readonly durationSeconds: number
  /** Decoding can begin here. */
  readonly isKey: boolean
  /** Decoded but not shown: it stands before the beginning of an edit list. */
  readonly isCutOff: boolean
}

/** The packets of one stream (`v:0`) in the order of the file, read as a stream. */
export async function* readPackets(ffmpeg: Ffmpeg, path: string, stream: string, options: FfprobeOptions): AsyncGenerator<Packet, { stderr: readonly string[] }> {
  const show = ['-select_streams', stream, '-show_entries', 'packet=pts_time,duration_time,flags']
  const lines = streamFfprobe(ffmpeg, { path, show, what: 'read the packets' }, options)
  try {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) return value
      const [pts, duration, flags = ''] = value.split(',')
      if (pts === undefined || pts === '') continue
      yield { ptsSeconds: Number(pts), durationSeconds: Number(duration) || 0, isKey: flags.includes('K'), isCutOff: flags.includes('D') }
    }
  } finally {
    await lines.return({ stderr: [] })
  }
}
