import { describe, expect, test } from 'vitest'
import type { VideoTiming } from '../ffmpeg/measure-video.ts'
import { planExactParts, planKeyframeParts, type PartLimits } from './plan-parts.ts'

/** A 30 fps video with a keyframe at each of the given frames, across some of which pictures refer. */
function video(frameCount: number, keyframes: readonly number[], open: readonly number[] = []): VideoTiming {
  return {
    ...{ frameCount, frameRate: '30/1', variableFrameRate: false, firstSeconds: 0, durationSeconds: frameCount / 30, cutOffCount: 0, hasPacketTimes: true, clockGoesBack: false },
    times: Float64Array.from({ length: frameCount }, (_, place) => Math.round((place * 1_000) / 30) / 1_000),
    groups: keyframes.map((first, place) => ({
      firstPacket: first,
      startSeconds: Math.round((first * 1_000) / 30) / 1_000,
      frameCount: (keyframes[place + 1] ?? frameCount) - first,
      isClosed: !open.includes(first),
    })),
  }
}

const every = (frames: number, count: number) => Array.from({ length: Math.ceil(count / frames) }, (_, place) => place * frames)
const parts = (timing: VideoTiming, partLimits: PartLimits) => planKeyframeParts(timing, partLimits) ?? []
const limits = { partCount: 10, minPartSeconds: 2 }

describe('Parts from keyframe to keyframe', () => {
  test('are as many as asked for, where there are keyframes enough', () => {
    expect(parts(video(3_600, every(30, 3_600)), limits).map(({ frameCount }) => frameCount)).toEqual(Array.from({ length: 10 }, () => 360))
  })

  test('are fewer where there are few keyframes', () => {
    expect(parts(video(3_600, [0]), limits)).toHaveLength(1)
    expect(parts(video(3_600, [0, 1_000, 2_000]), limits)).toHaveLength(3)
  })

  test('are fewer where they would become too short', () => {
    expect(parts(video(300, every(10, 300)), limits)).toHaveLength(5)
    expect(parts(video(30, every(10, 30)), limits)).toHaveLength(1)
  })

  test('leave out keyframes that stand too close together', () => {
    const plans = parts(video(900, [0, 440, 445, 450, 455]), { partCount: 4, minPartSeconds: 4 })
    expect(plans.every(({ durationSeconds }) => durationSeconds >= 2)).toBe(true)
  })

  test('cover every frame once, without a gap in time', () => {
    const plans = parts(video(3_601, [0, 17, 333, 334, 900, 1_800, 2_700, 3_500]), { partCount: 6, minPartSeconds: 0 })
    let frame = 0
    for (const [place, plan] of plans.entries()) {
      expect(plan.firstFrame).toBe(frame)
      expect(plan.startSeconds).toBeCloseTo(frame / 30, 9)
      expect(plan.durationSeconds).toBeCloseTo((plans[place + 1]?.startSeconds ?? 3_601 / 30) - plan.startSeconds, 9)
      frame += plan.frameCount
    }
    expect(frame).toBe(3_601)
  })

  test('begin with keyframes across which nothing refers only, and are not planned where those do not do', () => {
    expect(parts(video(900, [0, 290, 300, 310, 600], [300]), { partCount: 3, minPartSeconds: 2 }).map(({ firstFrame }) => firstFrame)).toEqual([0, 290, 600])
    expect(planKeyframeParts(video(900, [0, 300, 600], [300, 600]), limits)).toBeUndefined()
    expect(planKeyframeParts(video(900, [0, 300, 600], [600]), limits)).toBeUndefined()
    expect(planKeyframeParts({ ...video(900, [0, 300, 600]), hasPacketTimes: false }, limits)).toBeUndefined()
  })

  test('begin where their packets say, where the rate varies', () => {
    const varied = { ...video(300, [0, 100, 200]), variableFrameRate: true }
    expect(parts(varied, limits).map(({ startSeconds }) => startSeconds)).toEqual([0, 3.333, 6.667])
  })
})

describe('Exact parts', () => {
  test('are equal to a frame, wherever keyframes are', () => {
    const plans = planExactParts(video(1_000, [0]), { partCount: 3, minPartSeconds: 2 })
    expect(plans.map(({ frameCount }) => frameCount)).toEqual([333, 333, 334])
    expect(plans.at(-1)!.firstFrame + plans.at(-1)!.frameCount).toBe(1_000)
  })

  test('are never more than there are frames', () => {
    expect(planExactParts(video(3, [0]), { partCount: 10, minPartSeconds: 0 })).toHaveLength(3)
  })
})
