import { measurePackets, measureVideo, type MeasuredStream, type VideoTiming } from '../ffmpeg/measure-video.ts'
import { probeMedia, requireAudio, type ProbeOptions } from '../ffmpeg/probe-media.ts'
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts'
import { readMp4Tracks, type Mp4Track } from './mp4-tracks.ts'

/** Measures the picture of an MP4 of our own making: from its index where that can be read, else with ffprobe. */
export async function measureMp4(ffmpeg: Ffmpeg, path: string, stream: MeasuredStream, options: ProbeOptions): Promise<VideoTiming> {
  const picture = (await readMp4Tracks(path))?.find(({ kind }) => kind === 'picture')
  return picture ? measurePackets(picture.packets(), stream, options.limits) : measureVideo(ffmpeg, path, stream, options)
}

/** When the sound of such an MP4 begins, and how long it lasts. Throws `media/no_audio`. */
export async function measureMp4Sound(ffmpeg: Ffmpeg, path: string, options: ProbeOptions): Promise<{ readonly startSeconds: number; readonly durationSeconds: number }> {
  const sound = (await readMp4Tracks(path))?.find(({ kind }) => kind === 'sound')
  if (sound) return spanOf(sound)
  const { startSeconds, durationSeconds = 0 } = requireAudio(await probeMedia(ffmpeg, path, options))
  return { startSeconds, durationSeconds }
}

function spanOf({ packets, endSeconds }: Mp4Track): { startSeconds: number; durationSeconds: number } {
  let [start, end] = [Infinity, 0]
  for (const { ptsSeconds, durationSeconds, isCutOff } of packets()) {
    if (isCutOff) continue
    start = Math.min(start, ptsSeconds)
    end = Math.max(end, ptsSeconds + durationSeconds)
  }
  return start === Infinity ? { startSeconds: 0, durationSeconds: 0 } : { startSeconds: start, durationSeconds: Math.min(end, endSeconds) - start }
}
