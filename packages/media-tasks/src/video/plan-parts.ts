import type { FrameGroup, VideoTiming } from '../ffmpeg/measure-video.ts'
import { parseFraction } from '../ffmpeg/frame-rate.ts'

/** A part as it is planned, before it is cut. */
export interface PlannedPart {
  /** Frames before it, in the order in which they are shown. */
  readonly firstFrame: number
  /** Packets before it, in the order of the file. Of parts that begin with a keyframe only. */
  readonly firstPacket: number
  readonly frameCount: number
  readonly startSeconds: number
  readonly durationSeconds: number
}

export interface PartLimits {
  readonly partCount: number
  readonly minPartSeconds: number
}

/**
 * Parts of about equal length that begin with a keyframe each: at most `partCount`, none planned shorter than `minPartSeconds`.
 * The keyframes nearest to the plan are taken; where that would make a part of less than half that length, it is left out.
 * Nothing where that would need keyframes across which pictures refer, or where packets have no times: then only exact parts are sure.
 */
export function planKeyframeParts(timing: VideoTiming, limits: PartLimits): PlannedPart[] | undefined {
  if (!timing.hasPacketTimes) return undefined
  const closed = chooseGroups(timing, timing.groups.filter(({ isClosed }, place) => isClosed || place === 0), limits)
  if (closed.length < chooseGroups(timing, timing.groups, limits).length) return undefined
  return measured(timing, closed.map((group) => framesBefore(timing.groups, group)), closed)
}

function chooseGroups(timing: VideoTiming, groups: readonly FrameGroup[], limits: PartLimits): FrameGroup[] {
  const count = countOf(timing, limits)
  const chosen: FrameGroup[] = groups.slice(0, 1)
  for (let part = 1; part < count; part++) {
    const target = (timing.durationSeconds * part) / count
    const earliest = (chosen.at(-1)?.startSeconds ?? 0) + limits.minPartSeconds / 2
    const latest = timing.durationSeconds - limits.minPartSeconds / 2
    const next = nearest(groups, target, (group) => group.startSeconds >= earliest && group.startSeconds <= latest && !chosen.includes(group))
    if (next) chosen.push(next)
  }
  return chosen
}

/** Parts of equal numbers of frames, at any frame. */
export function planExactParts(timing: VideoTiming, limits: PartLimits): PlannedPart[] {
  const count = Math.max(1, Math.min(countOf(timing, limits), timing.frameCount))
  return measured(timing, Array.from({ length: count }, (_, part) => Math.floor((timing.frameCount * part) / count)))
}

function countOf({ durationSeconds }: VideoTiming, { partCount, minPartSeconds }: PartLimits): number {
  return minPartSeconds === 0 ? partCount : Math.max(1, Math.min(partCount, Math.floor(durationSeconds / minPartSeconds)))
}

/** Starts on the even grid where there is one, else where the packets say: never where a list of segments says. */
function measured(timing: VideoTiming, firstFrames: readonly number[], groups: readonly FrameGroup[] = []): PlannedPart[] {
  const framesPerSecond = timing.variableFrameRate ? undefined : parseFraction(timing.frameRate)
  const startOf = (part: number): number => {
    const first = firstFrames[part]
    if (first === undefined) return timing.durationSeconds
    return framesPerSecond === undefined ? (timing.times[first] ?? 0) : first / framesPerSecond
  }
  return firstFrames.map((firstFrame, part) => ({
    firstFrame,
    firstPacket: groups[part]?.firstPacket ?? 0,
    frameCount: (firstFrames[part + 1] ?? timing.frameCount) - firstFrame,
    startSeconds: startOf(part),
    durationSeconds: startOf(part + 1) - startOf(part),
  }))
}

function framesBefore(groups: readonly FrameGroup[], group: FrameGroup): number {
  let frames = 0
  for (const earlier of groups) {
    if (earlier === group) break
    frames += earlier.frameCount
  }
  return frames
}

function nearest(groups: readonly FrameGroup[], target: number, fits: (group: FrameGroup) => boolean): FrameGroup | undefined {
  let best: FrameGroup | undefined
  for (const group of groups) {
    if (fits(group) && (!best || Math.abs(group.startSeconds - target) < Math.abs(best.startSeconds - target))) best = group
  }
  return best
}
