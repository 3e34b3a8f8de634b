import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import type { MediaErrorCode, MediaFacts } from '@track-orchestrator/registry/media'
import type { MediaLimits } from '../media-limits.ts'
import { readClockRuns, type ClockRuns } from './clock-runs.ts'
import { isReadableCodec } from './decoders.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { overLimit } from './ffmpeg-error.ts'
import { readFileShape } from './file-shape.ts'
import { mediaFormats } from './input-gate.ts'
import { readFacts } from './probe-facts.ts'
import { runFfprobe } from './run-ffprobe.ts'
import type { StopOptions } from './stop.ts'

export interface ProbeOptions extends StopOptions {
  readonly limits: MediaLimits
}

/** Time to read what a file says of itself, if nobody set another. */
const headerMs = 120_000
/** As many as any studio's file has. */
const mostChannels = 64
const mostSamples = 768_000

/**
 * What a local file holds; the gate that every input passes before any work is done on it.
 * A file that does not say how long it is (a browser's recording) is read to its end to find out.
 * Throws `TerminalError`: `media/not_found`, `media/empty`, `media/format_refused` (playlists, other containers and codecs), `media/truncated`, `media/not_media`,
 * `media/too_long`, `media/too_large`.
 */
export async function probeMedia(ffmpeg: Ffmpeg, path: string, options: ProbeOptions): Promise<MediaFacts> {
  return (await probeWithClock(ffmpeg, path, options)).facts
}

/** A medium as it was probed, and what its packets say of its clock, where they had to be read. */
export interface ProbedMedium {
  readonly facts: MediaFacts
  readonly clock?: ClockRuns | undefined
}

/** The same, and what was found out on the way of where its clock begins anew. */
export async function probeWithClock(ffmpeg: Ffmpeg, path: string, options: ProbeOptions): Promise<ProbedMedium> {
  const { limits } = options
  const name = basename(path)
  const size = await stat(path).then((found) => found.size, () => refuse('media/not_found', `There is no file ${name}`))
  if (size === 0) refuse('media/empty', `${name} is empty: it has 0 bytes`)
  const shape = await readFileShape(path, options)
  if (shape.playlist !== undefined) {
    refuse('media/format_refused', `${name} is ${shape.playlist}, which may reach for other files. Give the media file itself.`)
  }
  if (shape.isReference) {
    refuse('media/format_refused', `${name} is a reference movie: its pictures or sounds lie in other files. Export it as a self-contained one.`)
  }
  if (shape.missingBytes !== undefined) {
    refuse('media/truncated', `${name} is cut short: its container says that at least ${shape.missingBytes} more bytes follow`)
  }
  if (shape.tooMuch !== undefined) refuse('media/too_large', `${name} says that it holds ${shape.tooMuch}`)
  const command = { path, options: ['-max_pixels', String(limits.pixels)], show: ['-show_format', '-show_streams'], what: `read ${name}` }
  const { json, stderr } = await runFfprobe(ffmpeg, command, { timeoutMs: headerMs, ...options }).catch((error: unknown) => unreadable(name, error))
  const facts = readFacts(json)
  const tooLarge = stderr.map(overLimit).find((found) => found !== undefined)
  if (tooLarge !== undefined) refuse('media/too_large', `${name} has ${tooLarge}`)
  if (facts.video.length + facts.audio.length === 0) {
    refuse('media/not_media', `${name} holds neither pictures nor sound: ffprobe sees ${describe(facts)}`)
  }
  requireWithin(limits, name, facts)
  const sent = isSent(facts)
  const clock = sent || facts.durationSeconds === undefined ? await readClock(ffmpeg, path, facts, options) : undefined
  const whole = clock === undefined ? facts : { ...(sent ? withoutLengths(facts) : facts), durationSeconds: clock.durationSeconds }
  requireNotTooLong(limits, name, whole)
  return { facts: whole, clock }
}

/** Containers made to be sent: their clock may leap or begin anew anywhere, and what ffprobe says of their length is the last time less the first (ISO/IEC 13818-1 section 2.4.3.5, "discontinuity_indicator"). */
const sentContainers: ReadonlySet<string> = new Set(['mpegts', 'mpeg'])
/** In those, a gap in all streams that is longer is a leap of the clock, in seconds: as ffmpeg has it (ffmpeg manual, "Advanced options", `-dts_delta_threshold`). */
const longestGapSeconds = 10

/** Finds out where the clock of a file begins anew. */
export async function readClock(ffmpeg: Ffmpeg, path: string, facts: MediaFacts, options: ProbeOptions): Promise<ClockRuns | undefined> {
  return readClockRuns(ffmpeg, path, { ...options, tellsDecoding: !/^(?:matroska|ogg)/.test(facts.container), ...(isSent(facts) && { longestGapSeconds }) })
}

const isSent = ({ container }: MediaFacts): boolean => sentContainers.has(container)

function withoutLengths({ video, audio, ...facts }: MediaFacts): MediaFacts {
  return { ...facts, video: video.map(({ durationSeconds: _said, ...stream }) => stream), audio: audio.map(({ durationSeconds: _said, ...stream }) => stream) }
}

/** Refuses what is over the limits of this worker: `media/too_large`, `media/too_long`. Also for facts that another worker has found out. */
export function requireLimits(limits: MediaLimits, name: string, facts: MediaFacts): void {
  requireWithin(limits, name, facts)
  requireNotTooLong(limits, name, facts)
}

function requireWithin(limits: MediaLimits, name: string, facts: MediaFacts): void {
  const streamCount = facts.video.length + facts.audio.length
  if (streamCount > limits.streams) refuse('media/too_large', `${name} has ${streamCount} streams of picture and sound; the limit here is ${limits.streams}`)
  for (const { channels, sampleRateHz } of facts.audio) {
    if (channels > mostChannels) refuse('media/too_large', `${name} has sound of ${channels} channels; the limit is ${mostChannels}`)
    if (sampleRateHz > mostSamples) refuse('media/too_large', `${name} has sound of ${sampleRateHz} samples a second; the limit is ${mostSamples}`)
  }
  for (const { width, height } of facts.video) {
    if (width * height > limits.pixels) refuse('media/too_large', `${name} is ${width}x${height}; the limit here is ${limits.pixels} pixels`)
  }
}

function requireNotTooLong(limits: MediaLimits, name: string, { durationSeconds = 0 }: MediaFacts): void {
  if (durationSeconds > limits.durationSeconds) refuse('media/too_long', `${name} is ${Math.round(durationSeconds)} s long; the limit here is ${limits.durationSeconds} s`)
}

/** The video stream to work on: the one marked as default, else the first. Throws `media/no_video`, and `media/format_refused` for a picture of one row or column, of which no H.264 can be made. */
export function requireVideo(facts: MediaFacts): MediaFacts['video'][number] {
  const stream = chosen(facts.video) ?? refuse('media/no_video', `The file has no video: ffprobe sees ${describe(facts)}`)
  if (stream.width === 1 || stream.height === 1) refuse('media/format_refused', `The picture is ${stream.width}x${stream.height}: it needs two rows and two columns at least`)
  return stream
}

/** The audio stream asked for (from 0); without asking, the one marked as default, else the first. Throws `media/no_audio`. */
export function requireAudio(facts: MediaFacts, audioStream?: number): MediaFacts['audio'][number] {
  const stream = chosen(audioStream === undefined ? facts.audio : facts.audio.filter(({ index }) => index === audioStream))
  const which = audioStream === undefined ? 'audio' : `audio stream ${audioStream}`
  return stream ?? refuse('media/no_audio', `The file has no ${which}: ffprobe sees ${describe(facts)}`)
}

/** The audio stream that is heard when nobody asks for another; nothing where there is none that can be read. */
export function mainAudio({ audio }: MediaFacts): MediaFacts['audio'][number] | undefined {
  return audio.some(({ codec }) => isReadableCodec(codec)) ? chosen(audio) : undefined
}

/** Of those that can be read, the one marked as default, else the first. Throws `media/format_refused` where there are others only. */
function chosen<Stream extends { readonly codec: string; readonly isDefault: boolean }>(streams: readonly Stream[]): Stream | undefined {
  const readable = streams.filter(({ codec }) => isReadableCodec(codec))
  if (readable.length === 0 && streams[0]) refuse('media/format_refused', `The file holds ${streams[0].codec}, which is not among the codecs read here`)
  return readable.find(({ isDefault }) => isDefault) ?? readable[0]
}

/** What ffprobe saw, in a few words: `matroska,webm with video vp9 320x180; audio opus 48000 Hz`. */
export function describe(facts: MediaFacts): string {
  const streams = [
    ...facts.video.map(({ codec, width, height }) => `video ${codec} ${width}x${height}`),
    ...facts.audio.map(({ codec, sampleRateHz }) => `audio ${codec} ${sampleRateHz} Hz`),
    ...(facts.subtitleCount > 0 ? [`${facts.subtitleCount} subtitle streams`] : []),
  ]
  return `${facts.container} with ${streams.join('; ') || 'no streams'}`
}

/** Turns what ffprobe said of a file that it could not open into an answer. */
function unreadable(name: string, error: unknown): never {
  if (!TracksError.is(error) || error.code !== 'media/ffmpeg_failed' || error.retryable) throw error
  const { message } = error
  // A flaw of the program says nothing of the file: npm's ffprobe crashes on every MPEG transport stream.
  if (/crashed with SIG/.test(message)) {
    throw new TracksError(`${message}: this ffprobe cannot read ${name}. Another version may: install ffmpeg, or set FFMPEG_PATH and FFPROBE_PATH.`, { code: 'media/ffmpeg_failed', retryable: false, cause: error })
  }
  const refusedFormat = /([\w,]+): Format not on whitelist/.exec(message)?.[1]
  if (refusedFormat !== undefined) {
    refuse('media/format_refused', `${name} is ${refusedFormat}, which is not among the containers read here: ${mediaFormats.join(', ')}`, error)
  }
  const refusedCodec = /Codec \((\w[\w-]*)\) not on whitelist/.exec(message)?.[1]
  if (refusedCodec !== undefined) refuse('media/format_refused', `${name} holds ${refusedCodec}, which is not among the codecs read here`, error)
  if (/moov atom not found|partial file|File ended prematurely/i.test(message)) {
    refuse('media/truncated', `${name} is cut short or was never finished: ${message}`, error)
  }
  refuse('media/not_media', `${name} is no medium that can be read: ${message}`, error)
}

function refuse(code: MediaErrorCode, message: string, cause?: unknown): never {
  throw new TerminalError(message, { code, ...(cause !== undefined && { cause }) })
}
