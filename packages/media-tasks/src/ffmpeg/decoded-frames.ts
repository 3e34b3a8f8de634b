import type { Ffmpeg } from './ffmpeg.ts'
import type { Packet } from './packets.ts'
import { streamFfprobe, type FfprobeOptions } from './run-ffprobe.ts'

/**
 * The frames of a stream (`v:0`) as they are decoded, in the order they are shown: for containers that do not tell when that is. Takes as long
 * as playing it at full speed. Only the first is taken for a keyframe.
 */
export async function* readDecodedFrames(ffmpeg: Ffmpeg, path: string, stream: string, options: FfprobeOptions): AsyncGenerator<Packet> {
  // The second name until ffmpeg 5.1, the third since 6.0.
  const show = ['-select_streams', stream, '-show_entries', 'frame=best_effort_timestamp_time,pkt_duration_time,duration_time']
  let isKey = true
  let nextSeconds = 0
  for await (const line of streamFfprobe(ffmpeg, { path, show, what: 'read the frames' }, options)) {
    const [time = '', duration] = line.split(',')
    if (time === '') continue
    // The last frames, which a decoder gives out at the end of the file only, may have no time.
    const ptsSeconds = Number.isNaN(Number(time)) ? nextSeconds : Number(time)
    const durationSeconds = Number(duration) || 0
    yield { ptsSeconds, durationSeconds, isKey, isCutOff: false }
    nextSeconds = ptsSeconds + durationSeconds
    isKey = false
  }
}
