import type { Ffmpeg } from './ffmpeg.ts'
import { findFrameRate, parseFraction, type FrameRate } from './frame-rate.ts'
import { readPackets } from './packets.ts'
import type { StopOptions } from './stop.ts'

/** From one keyframe up to the next. */
export interface FrameGroup {
  /** Place of its keyframe among the packets, from 0. */
  readonly firstPacket: number
  /** When its first picture is shown, counted from the first picture of all. */
  readonly startSeconds: number
  readonly frameCount: number
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
  /** Frames that are decoded but not shown, before an edit list's beginning. */
  readonly hiddenCount: number
}

/** Reads all packets of a video stream (`0` is the first) as a stream. `hint`: the frame rate that the container names. */
export async function measureVideo(ffmpeg: Ffmpeg, path: string, stream: number, hint: string, options: StopOptions = {}): Promise<VideoTiming> {
  const seen = new Growing()
  const groupPackets: number[] = []
  const groupStarts: number[] = []
  let hiddenCount = 0
  let packet = 0
  let lastDuration = 0
  for await (const { ptsSeconds, durationSeconds, isKey, isDiscarded } of readPackets(ffmpeg, path, `v:${stream}`, options)) {
    if (isDiscarded) hiddenCount++
    else {
      if (isKey || groupPackets.length === 0) {
        groupPackets.push(packet)
        groupStarts.push(ptsSeconds)
      }
      const group = groupStarts.length - 1
      groupStarts[group] = Math.min(groupStarts[group] ?? ptsSeconds, ptsSeconds)
      if (ptsSeconds >= seen.max) lastDuration = durationSeconds
      seen.push(ptsSeconds)
    }
    packet++
  }
  const times = seen.values().toSorted()
  const firstSeconds = times[0] ?? 0
  for (let place = 0; place < times.length; place++) times[place] = (times[place] ?? 0) - firstSeconds

  const rate = findFrameRate(times, hint)
  const period = 1 / (parseFraction(rate.frameRate) ?? 25)
  const end = times[times.length - 1] ?? 0
  const groups = groupPackets.map((firstPacket, group) => ({
    firstPacket,
    startSeconds: (groupStarts[group] ?? firstSeconds) - firstSeconds,
    frameCount: (groupPackets[group + 1] ?? packet) - firstPacket,
  }))
  return {
    ...rate,
    frameCount: times.length,
    firstSeconds,
    durationSeconds: rate.variableFrameRate ? end + (lastDuration || period) : times.length * period,
    ...{ times, groups, hiddenCount },
  }
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
