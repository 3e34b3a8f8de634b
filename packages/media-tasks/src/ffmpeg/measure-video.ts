import { TerminalError } from '@track-orchestrator/registry'
import type { MediaFacts } from '@track-orchestrator/registry/media'
import type { MediaLimits } from '../media-limits.ts'
import { clockSlackSeconds } from './clock-runs.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { readDecodedFrames } from './decoded-frames.ts'
import { findFrameRate, parseFraction, type FrameRate } from './frame-rate.ts'
import { readPackets, type Packet } from './packets.ts'
import type { StopOptions } from './stop.ts'
import { findHiddenVp8Packets } from './vp8-hidden.ts'

/** From one keyframe up to the next. */
export interface FrameGroup {
  /** Place of its keyframe among the packets, from 0. */
  readonly firstPacket: number
  /** When its first picture is shown, counted from the first picture of all. */
  readonly startSeconds: number
  readonly frameCount: number
  /** None of its pictures is shown before its keyframe; such a one may refer to pictures of the group before (an open GOP). */
  readonly isClosed: boolean
}

/** When the frames of a video are shown, by its packets. */
export interface VideoTiming extends FrameRate {
  readonly frameCount: number
  /** On the file's clock. */
  readonly firstSeconds: number
  /** From the first picture to the end of the last. */
  readonly durationSeconds: number
  /** When each frame is shown, in order, counted from the first. 8 bytes a frame. */
  readonly times: Float64Array
  readonly groups: readonly FrameGroup[]
  /** Frames that an edit list hides: decoded, but before its beginning. */
  readonly cutOffCount: number
  /** The container tells when each packet is shown; else the frames were decoded to find out. */
  readonly hasPacketTimes: boolean
  /** A keyframe is shown before what came before it in the file: its clock begins anew on the way, and the times here are of no use. */
  readonly clockGoesBack: boolean
}

/** The stream to measure. `frameRate` is what the container says, `0/0` if nothing. */
export type MeasuredStream = Pick<MediaFacts['video'][number], 'index' | 'codec' | 'frameRate'> & { readonly startSeconds?: number }

/** H.264 of our own making. */
export const ownVideo: MeasuredStream = { index: 0, codec: 'h264', frameRate: '0/0' }

export interface MeasureOptions extends StopOptions {
  readonly limits: MediaLimits
}

/**
 * Reads all packets of a video stream, from the first keyframe on: nothing before it can be decoded. Where a packet does not tell when it is
 * shown, or whether it is, all frames are decoded for it.
 * Throws `media/too_large` for too many frames, in all or a second, and `media/too_long`, whatever the header said.
 */
export async function measureVideo(ffmpeg: Ffmpeg, path: string, stream: MeasuredStream, options: MeasureOptions): Promise<VideoTiming> {
  const { limits } = options
  const neverShown = stream.codec === 'vp8' ? await findHiddenVp8Packets(ffmpeg, path, stream.index, options) : undefined
  const which = `v:${stream.index}`
  const packets = new Collected(limits, neverShown)
  const trouble = await packets.read(readPackets(ffmpeg, path, which, options))
  const collected = trouble === undefined ? packets : new Collected(limits)
  if (collected !== packets) await collected.read(readDecodedFrames(ffmpeg, path, which, options))
  return timingOf(collected, stream, limits, trouble)
}

/** The same for packets that are known already. All of them have times. */
export async function measurePackets(packets: Iterable<Packet>, stream: MeasuredStream, limits: MediaLimits): Promise<VideoTiming> {
  const collected = new Collected(limits)
  await collected.read(packets)
  return timingOf(collected, stream, limits)
}

function timingOf({ seen, groups, cutOffCount, lastDuration, clockGoesBack }: Collected, stream: MeasuredStream, limits: MediaLimits, trouble?: Trouble): VideoTiming {
  const times = seen.values().toSorted()
  const firstSeconds = times[0] ?? 0
  for (let place = 0; place < times.length; place++) times[place] = (times[place] ?? 0) - firstSeconds
  const lastSeconds = times[times.length - 1] ?? 0
  requireTimes(times, limits)
  const rate = findFrameRate(times, stream.frameRate)
  const period = 1 / (parseFraction(rate.frameRate) ?? 25)
  return {
    ...rate,
    frameCount: times.length,
    // A decoder gives out the first frame as many packets later as it holds back: the header is nearer.
    firstSeconds: trouble === 'no times' ? (stream.startSeconds ?? firstSeconds) : firstSeconds,
    durationSeconds: rate.variableFrameRate ? lastSeconds + (lastDuration || period) : times.length * period,
    times,
    groups: groups.filter(({ frameCount }) => frameCount > 0).map((group) => ({ ...group, startSeconds: group.startSeconds - firstSeconds })),
    cutOffCount,
    hasPacketTimes: trouble === undefined,
    clockGoesBack,
  }
}

type Trouble = 'no times' | 'lost references'
type Group = { -readonly [Key in keyof FrameGroup]: FrameGroup[Key] }

/** What packets, or decoded frames, tell together. */
class Collected {
  readonly seen = new Growing()
  readonly groups: Group[] = []
  cutOffCount = 0
  lastDuration = 0
  clockGoesBack = false

  readonly #limits: MediaLimits
  readonly #neverShown: ReadonlySet<number>

  constructor(limits: MediaLimits, neverShown: ReadonlySet<number> = new Set()) {
    this.#limits = limits
    this.#neverShown = neverShown
  }

  /**
   * Says why it gave up where packets do not tell what will be seen: one has no time, or pictures are shown before the very first keyframe,
   * which may have lost what they refer to.
   */
  async read(packets: AsyncIterable<Packet> | Iterable<Packet>): Promise<Trouble | undefined> {
    let [packet, keySeconds] = [0, 0]
    for await (const { ptsSeconds, durationSeconds, isKey, isCutOff } of packets) {
      if (packet >= this.#limits.frames) throw tooMany(`more than ${this.#limits.frames} frames`, 'that many')
      if (isKey) {
        if (ptsSeconds < this.seen.max - clockSlackSeconds) this.clockGoesBack = true
        this.groups.push({ firstPacket: packet, startSeconds: Infinity, frameCount: 0, isClosed: true })
        keySeconds = ptsSeconds
      }
      const group = this.groups.at(-1)
      if (!group) continue
      if (Number.isNaN(ptsSeconds)) return 'no times'
      if (isCutOff) this.cutOffCount++
      else if (!this.#neverShown.has(packet)) {
        if (ptsSeconds < keySeconds) group.isClosed = false
        if (ptsSeconds < keySeconds && this.groups.length === 1) return 'lost references'
        group.startSeconds = Math.min(group.startSeconds, ptsSeconds)
        group.frameCount++
        if (ptsSeconds >= this.seen.max) this.lastDuration = durationSeconds
        this.seen.push(ptsSeconds)
      }
      packet++
    }
    return undefined
  }
}

/**
 * A header can say what it likes: these are the frames themselves. A burst within a second is no rate. Throws `media/too_long` and
 * `media/too_large`.
 */
export function requireTimes(times: Float64Array, limits: MediaLimits): void {
  const [frameCount, lastSeconds] = [times.length, times[times.length - 1] ?? 0]
  if (frameCount > limits.frames) throw tooMany(`more than ${limits.frames} frames`, 'that many')
  if (lastSeconds > limits.durationSeconds) {
    throw new TerminalError(`The last frame stands at ${Math.round(lastSeconds)} s; the limit here is ${limits.durationSeconds} s`, { code: 'media/too_long' })
  }
  const rate = frameCount / lastSeconds
  if (frameCount > limits.framesPerSecond && rate > limits.framesPerSecond) throw tooMany(`${Math.round(rate)} frames a second`, String(limits.framesPerSecond))
}

function tooMany(has: string, limit: string): TerminalError {
  return new TerminalError(`The video has ${has}; the limit here is ${limit}`, { code: 'media/too_large' })
}

/** Numbers without end, 8 bytes each. */
class Growing {
  #values = new Float64Array(4_096)
  #length = 0
  max = -Infinity

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = value
    if (value > this.max) this.max = value
  }

  values(): Float64Array {
    return this.#values.subarray(0, this.#length)
  }
}
