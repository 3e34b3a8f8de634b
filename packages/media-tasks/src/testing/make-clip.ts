import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts'
import { createFrameDrawer } from './burnt-frame.ts'

export interface ClipOptions {
  /** Default 6. */
  readonly durationSeconds?: number
  /** Default 320 by 180. */
  readonly width?: number
  readonly height?: number
  /** Frames a second, as a fraction. Default `30/1`. */
  readonly frameRate?: string
  /** Frames are unevenly spaced: some of a 60 Hz grid. `frameRate` has no meaning then. Default false. */
  readonly variableFrameRate?: boolean
  /** How many keyframes, evenly spread. Default: one a second. */
  readonly keyframes?: number
  /** Default `vp9`. */
  readonly videoCodec?: 'vp8' | 'vp9' | 'h264'
  /** One stream each. Default: one `opus`. */
  readonly audioCodecs?: readonly ('opus' | 'aac')[]
  /** When the first picture is shown; the sound begins at 0. Default 0. */
  readonly videoStartSeconds?: number
  /** The picture lies on its side, and the file says how to turn it clockwise (MP4 and MOV only). Default 0. */
  readonly rotationDegrees?: 0 | 90 | 180 | 270
  /** From when to when a tone sounds, in seconds, in place of the beeps. */
  readonly sounds?: readonly (readonly [from: number, to: number])[]
  /** Further ffmpeg options of the output, at its end. */
  readonly extraOptions?: readonly string[]
}

/** What was made: every frame knows its number, and flashes and beeps at each even second of the file's clock. */
export interface Clip {
  readonly path: string
  /** When each frame is shown, on the file's clock. */
  readonly frameTimes: readonly number[]
  readonly durationSeconds: number
  readonly width: number
  readonly height: number
}

/** Flash and beep come together, this often and this long. */
const signalEverySeconds = 2
const signalSeconds = 0.1
const sampleRateHz = 48_000

/** Which frames of eight are kept where the frame rate varies: gaps of 1 to 3 sixtieths of a second. */
const kept = [true, false, true, true, false, false, true, false]
const gridRate = 60

/** Makes a clip by the real encoder; the container follows from the path's ending. */
export async function makeClip(ffmpeg: Ffmpeg, path: string, options: ClipOptions = {}): Promise<Clip> {
  const { durationSeconds = 6, width = 320, height = 180, videoCodec = 'vp9', audioCodecs = ['opus'], videoStartSeconds = 0 } = options
  const variable = options.variableFrameRate ?? false
  const rate = variable ? `${gridRate}/1` : (options.frameRate ?? '30/1')
  const framesPerSecond = ratio(rate)
  const sent = Math.round(durationSeconds * framesPerSecond)
  const isKept = (place: number) => !variable || kept[place % kept.length] === true
  const frameTimes = Array.from({ length: sent }, (_, place) => place)
    .filter(isKept)
    .map((place) => videoStartSeconds + place / framesPerSecond)

  const keptPlaces = kept.flatMap((keep, place) => (keep ? [`eq(mod(n,${kept.length}),${place})`] : [])).join('+')
  const rotation = options.rotationDegrees ?? 0
  const [uprightWidth, uprightHeight] = rotation % 180 === 0 ? [width, height] : [height, width]
  const filters = [...(variable ? [`select='${keptPlaces}'`] : []), ...layDown[rotation]]
  const soundPath = `${path}.pcm`
  if (audioCodecs.length > 0) await writeFile(soundPath, beeps(durationSeconds + videoStartSeconds, options.sounds))
  const keyframeEvery = Math.ceil(frameTimes.length / (options.keyframes ?? Math.ceil(durationSeconds)))
  const args = [
    ...['-hide_banner', '-loglevel', 'error', '-y'],
    ...['-itsoffset', String(videoStartSeconds), '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${uprightWidth}x${uprightHeight}`, '-framerate', rate, '-i', 'pipe:0'],
    ...audioCodecs.flatMap(() => ['-f', 's16le', '-ar', String(sampleRateHz), '-ac', '1', '-i', soundPath]),
    ...['-map', '0:v:0', ...audioCodecs.flatMap((_, stream) => ['-map', `${stream + 1}:a:0`])],
    ...(filters.length > 0 ? ['-vf', filters.join(',')] : []),
    ...['-vsync', 'passthrough', ...videoOptions[videoCodec]],
    ...['-g', '9999', '-keyint_min', '9999', '-force_key_frames', `expr:gte(n,n_forced*${keyframeEvery})`],
    ...audioCodecs.flatMap((codec, stream) => [`-c:a:${stream}`, audioEncoders[codec], `-b:a:${stream}`, '64k']),
    ...(options.extraOptions ?? []),
  ]
  const draw = createFrameDrawer(uprightWidth, uprightHeight)
  let index = 0
  await encode(ffmpeg, [...args, path], sent, (place) => {
    if (!isKept(place)) return draw(0, false)
    const time = frameTimes[index] ?? 0
    return draw(index++, isSignal(time))
  })
  await rm(soundPath, { force: true })
  if (rotation !== 0) await setRotation(path, rotation)
  return { path, frameTimes, durationSeconds: sent / framesPerSecond, width, height }
}

/** Fast and small, with a steady picture: the numbers must stay readable. */
const videoOptions = {
  vp8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '600k'],
  // At a constant quality: at a bit rate, libvpx puts keyframes of its own where the picture changes.
  vp9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '0', '-crf', '30'],
  h264: ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-bf', '2', '-sc_threshold', '0'],
} as const
const audioEncoders = { opus: 'libopus', aac: 'aac' } as const

/** Whether a frame shown at this time flashes. Half a millisecond of slack, for containers that count in milliseconds. */
function isSignal(time: number): boolean {
  return (time + 0.0005) % signalEverySeconds < signalSeconds
}

function beeps(seconds: number, sounds?: ClipOptions['sounds']): Buffer {
  const samples = Buffer.alloc(Math.round(seconds * sampleRateHz) * 2)
  for (let sample = 0; sample < samples.length / 2; sample++) {
    const time = sample / sampleRateHz
    const isHeard = sounds ? sounds.some(([from, to]) => from <= time && time < to) : time % signalEverySeconds < signalSeconds
    if (isHeard) samples.writeInt16LE(Math.round(16_000 * Math.sin(2 * Math.PI * 1_000 * time)), sample * 2)
  }
  return samples
}

async function encode(ffmpeg: Ffmpeg, args: readonly string[], frames: number, frame: (place: number) => Buffer): Promise<void> {
  const child = spawn(ffmpeg.ffmpegPath, args, { stdio: ['pipe', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  let said = ''
  child.stderr.on('data', (text) => (said += String(text)))
  child.stdin.on('error', () => {}) // the exit code tells
  for (let place = 0; place < frames && child.exitCode === null; place++) {
    if (!child.stdin.write(frame(place))) await Promise.race([once(child.stdin, 'drain'), exited])
  }
  child.stdin.end()
  const [exitCode] = await exited
  if (exitCode !== 0) throw new Error(`The test clip could not be made: ${said}`)
}

/** How the camera was held: the opposite of how the picture must be turned. */
const layDown = { 0: [], 90: ['transpose=cclock'], 180: ['hflip', 'vflip'], 270: ['transpose=clock'] } as const

/** The corners of the display matrix that turn the picture clockwise: a, b, c, d (ISO/IEC 14496-12 section 8.3.2). */
const matrices = { 90: [0, 1, -1, 0], 180: [-1, 0, 0, -1], 270: [0, -1, 1, 0] } as const

/** Writes a display matrix into the video track's header, as a telephone does. */
async function setRotation(path: string, degrees: 90 | 180 | 270): Promise<void> {
  const bytes = await readFile(path)
  const header = bytes.indexOf('tkhd', 0, 'latin1') // of the first track, which is the video
  const matrix = header + 4 + (bytes[header + 4] === 1 ? 52 : 40)
  const [a, b, c, d] = matrices[degrees]
  for (const [place, value] of [[0, a], [1, b], [3, c], [4, d]] as const) bytes.writeInt32BE(value * 65_536, matrix + place * 4) // prettier-ignore
  await writeFile(path, bytes)
}

/** A fraction such as `30000/1001` as a number. */
export function ratio(fraction: string): number {
  const [numerator, denominator = 1] = fraction.split('/').map(Number)
  return (numerator ?? 0) / denominator
}
