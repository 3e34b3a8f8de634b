import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts'
import { probeMedia, requireAudio, type ProbeOptions } from '../ffmpeg/probe-media.ts'
import { streamFfmpeg } from '../ffmpeg/stream-ffmpeg.ts'

/** How long a file sounds. An MP3 is decoded for it: its header counts what players leave out. */
export async function lengthOfSound(ffmpeg: Ffmpeg, path: string, options: ProbeOptions): Promise<number> {
  const facts = await probeMedia(ffmpeg, path, options)
  const { codec, sampleRateHz, index, durationSeconds } = requireAudio(facts)
  if (codec !== 'mp3' && durationSeconds !== undefined) return durationSeconds
  const pcm = ['-map', `0:a:${index}`, '-ac', '1', '-c:a', 'pcm_s16le', '-f', 's16le']
  const { stdout, done } = streamFfmpeg(ffmpeg, { what: 'measure the sound', inputs: [{ path }], options: pcm }, { ...options, memoryBytes: options.limits.memoryBytes })
  let bytes = 0
  for await (const chunk of stdout) bytes += (chunk as Buffer).length
  await done
  return bytes / 2 / sampleRateHz
}
