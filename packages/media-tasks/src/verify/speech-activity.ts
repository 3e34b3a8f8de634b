import type { MediaTools } from '../media-tools.ts'
import { streamFfmpeg } from '../ffmpeg/stream-ffmpeg.ts'

/** From the first sound to the end of the last, in seconds. */
export interface SpeechSpan {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** How loud a sound is, a number for each 5 ms: the root of the mean square, of 32,768. */
export interface SpeechLevels {
  readonly levels: Float32Array
  /** What is louder counts as speech. */
  readonly threshold: number
}

const sampleRateHz = 16_000
/** One level, in seconds. */
export const blockSeconds = 0.005
const blockSamples = sampleRateHz * blockSeconds
/**
 * Speech lies at most this much below its own loud parts (the 95th percentile), as a factor. A recording has breath and rooms in it: 23 dB.
 * A voice that was laid on silence has none of both: 34 dB.
 */
const belowLoud = { recorded: 0.07, laid: 0.02 } as const
/** ... and this much above what is always there (the 10th percentile): 8 dB. */
const aboveNoise = 2.5
/** Below -62 dBFS nothing is heard. */
const leastLevel = 26
/** Of so many blocks, at least half are loud where speech begins or ends; a click is not. */
const watched = 8

/** Sound to be listened to. */
export interface ListenedSound {
  readonly path: string
  /** Which stream of sound, from 0. */
  readonly stream: number
  /** Filters that come first: they lay the sound on the clock of the pictures. */
  readonly filters: readonly string[]
  readonly kind: keyof typeof belowLoud
}

/** How loud the sound is, all along: one channel at 16 kHz, without what lies below voices. Memory: 4 bytes for each 5 ms, 3 MB an hour. */
export async function measureSpeech(
  { ffmpeg, limits }: Pick<MediaTools, 'ffmpeg' | 'limits'>,
  { path, stream, filters, kind }: ListenedSound,
  signal: AbortSignal,
): Promise<SpeechLevels> {
  const options = ['-copyts', '-map', `0:a:${stream}`, '-vn', '-af', [...filters, 'highpass=f=100', `aresample=${sampleRateHz}`].join(','), '-ac', '1', '-c:a', 'pcm_s16le', '-f', 's16le']
  const { stdout, done } = streamFfmpeg(ffmpeg, { what: 'listen for speech', inputs: [{ path }], options }, { signal, memoryBytes: limits.memoryBytes })
  const levels: number[] = []
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stdout) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    const whole = Math.floor(bytes.length / 2 / blockSamples)
    for (let block = 0; block < whole; block++) levels.push(rms(bytes, block * blockSamples * 2))
    rest = bytes.subarray(whole * blockSamples * 2)
  }
  await done
  return { levels: Float32Array.from(levels), threshold: thresholdOf(levels, belowLoud[kind]) }
}

function rms(bytes: Buffer, from: number): number {
  let sum = 0
  for (let at = from; at < from + blockSamples * 2; at += 2) sum += bytes.readInt16LE(at) ** 2
  return Math.sqrt(sum / blockSamples)
}

function thresholdOf(levels: readonly number[], share: number): number {
  const ordered = Float32Array.from(levels).toSorted()
  const at = (part: number) => ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * part))] ?? 0
  return Math.max(leastLevel, at(0.95) * share, Math.min(at(0.1) * aboveNoise, at(0.95) / 4))
}

/** Where somebody speaks between two times. Nothing where it is quiet all along. */
export function spokenWithin({ levels, threshold }: SpeechLevels, fromSeconds: number, untilSeconds: number): SpeechSpan | undefined {
  const from = Math.max(0, Math.floor(fromSeconds / blockSeconds))
  const until = Math.min(levels.length, Math.ceil(untilSeconds / blockSeconds))
  if (from >= until) return undefined // the sound has ended before
  const first = firstLoud(levels, threshold, from, until, 1)
  if (first === undefined) return undefined
  const last = firstLoud(levels, threshold, until - 1, from - 1, -1) ?? first
  return { startSeconds: first * blockSeconds, endSeconds: (last + 1) * blockSeconds }
}

function firstLoud(levels: Float32Array, threshold: number, from: number, until: number, step: 1 | -1): number | undefined {
  for (let at = from; at !== until; at += step) {
    if ((levels[at] ?? 0) < threshold) continue
    let loud = 0
    for (let ahead = 0; ahead < watched; ahead++) if ((levels[at + step * ahead] ?? 0) >= threshold) loud++
    if (loud * 2 >= watched) return at
  }
  return undefined
}
