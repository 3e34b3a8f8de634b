import type { mediaAudioExtract, MediaFacts } from '@track-orchestrator/registry/media'
import type { CommonClock } from './common-clock.ts'

type AudioFacts = MediaFacts['audio'][number]
type Wanted = (typeof mediaAudioExtract)['~handler']['input']

/** How ffmpeg takes out a stream of sound. */
export interface Extraction {
  /** The packets are copied, not encoded again. */
  readonly copied: boolean
  readonly options: readonly string[]
}

/** Sound may begin this much off the first picture and still be copied: nobody hears 5 ms. */
const copiedOffsetSeconds = 0.005
/** A copy ends where a packet ends: one of AAC or MP3 lasts up to 26 ms. */
const copiedEndSeconds = 0.03

/** A hole in the sound (packets that a browser lost) is filled with silence from this length on; less is a container's rounding. */
const holeSeconds = 0.015

/**
 * Lays the sound on the clock that it shares with the picture. What is missing is silence, what is too much is cut, and holes stay as
 * long as they were. Without a picture, the sound keeps its own beginning and end.
 */
export function planExtraction(stream: AudioFacts, shared: CommonClock | undefined, wanted: Wanted): Extraction {
  const only = ['-map', `0:a:${stream.index}`, '-vn', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1']
  const channels = wanted.channels ?? (stream.channels === 1 ? 1 : 2)
  if (fitsAsItIs(stream, shared, { ...wanted, channels })) return { copied: true, options: [...only, '-c:a', 'copy', ...muxers[wanted.format]] }

  const rate = wanted.sampleRateHz
  const clock = shared ? `asetpts=PTS-(${shared.firstSeconds.toFixed(6)})/TB` : 'asetpts=PTS-STARTPTS'
  // `first_pts=0` fills or cuts the beginning (ffmpeg resampler manual, "first_pts"); `async=1` fills holes, and never stretches.
  const inTime = `aresample=${rate}:async=1:min_hard_comp=${holeSeconds}:first_pts=0`
  const end = shared ? ['apad', `atrim=end_sample=${Math.round(shared.durationSeconds * rate)}`] : []
  const codec = wanted.format === 'wav' ? encoders.wav : [...encoders[wanted.format], '-b:a', `${wanted.bitrateKbps}k`]
  return {
    copied: false,
    options: ['-copyts', ...only, '-af', [clock, inTime, ...end, 'asetpts=N'].join(','), '-ac', String(channels), ...codec, ...muxers[wanted.format]],
  }
}

const encoders = { wav: ['-c:a', 'pcm_s16le'], mp3: ['-c:a', 'libmp3lame', '-write_xing', '1'], aac: ['-c:a', 'aac'] } as const
/** RF64 where 4 GiB do not suffice: no other program needs to know. */
const muxers = { wav: ['-f', 'wav', '-rf64', 'auto'], mp3: ['-f', 'mp3'], aac: ['-movflags', '+faststart', '-f', 'ipod'] } as const

function fitsAsItIs(stream: AudioFacts, shared: CommonClock | undefined, wanted: Wanted): boolean {
  if (wanted.format === 'wav' || stream.codec !== wanted.format) return false
  if (stream.sampleRateHz !== wanted.sampleRateHz || stream.channels !== wanted.channels) return false
  if (!shared) return true
  if (stream.durationSeconds === undefined) return false
  const end = stream.startSeconds + stream.durationSeconds
  const sharedEnd = shared.firstSeconds + shared.durationSeconds
  return Math.abs(stream.startSeconds - shared.firstSeconds) <= copiedOffsetSeconds && Math.abs(end - sharedEnd) <= copiedEndSeconds
}
