import type { VideoFacts, VideoPart } from '@track-orchestrator/registry/media'
import type { CommonClock } from '../audio/common-clock.ts'
import type { VideoTiming } from '../ffmpeg/measure-video.ts'
import { longStill, stillCount } from './still-times.ts'
import { pictureFacts, type StoredPicture } from './upright.ts'

/** What has to be known of a video in order to treat each part of it alike. */
export function factsOfVideo(picture: StoredPicture, timing: VideoTiming, { leadSeconds, holdSeconds }: Pick<CommonClock, 'leadSeconds' | 'holdSeconds'>): VideoFacts {
  const { frameCount, frameRate } = timing
  const { width, height, rotationDegrees } = picture
  const stands = Math.max(leadSeconds, holdSeconds)
  return {
    durationSeconds: leadSeconds + timing.durationSeconds + holdSeconds,
    ...{ frameCount, frameRate, width, height, rotationDegrees },
    variableFrameRate: timing.variableFrameRate || stands > longStill || (stands > 0 && frameCount === 1),
    ...pictureFacts(picture),
    ...(leadSeconds > 0 && { leadSeconds }),
    ...(holdSeconds > 0 && { holdSeconds }),
  }
}

/** Puts the first picture before the parts and the last one after them, for as long as only the sound lasts. */
export function withStills(parts: readonly VideoPart[], facts: VideoFacts): VideoPart[] {
  const { leadSeconds = 0, holdSeconds = 0 } = facts
  const [first, last] = [parts[0], parts.at(-1)]
  if (!first || !last) return []
  const still = ({ url, frames, frameCount }: VideoPart, whichEnd: 'first' | 'last', startSeconds: number, durationSeconds: number): VideoPart => {
    const frame = whichEnd === 'first' ? (frames?.first ?? 0) : (frames?.end ?? frameCount) - 1
    return { index: 0, url, startSeconds, durationSeconds, frameCount: stillCount(durationSeconds, facts), frames: { first: frame, end: frame + 1 }, still: true }
  }
  const all = [
    ...(leadSeconds > 0 ? [still(first, 'first', 0, leadSeconds)] : []),
    ...parts.map((part) => ({ ...part, startSeconds: part.startSeconds + leadSeconds })),
    ...(holdSeconds > 0 ? [still(last, 'last', last.startSeconds + last.durationSeconds + leadSeconds, holdSeconds)] : []),
  ]
  return all.map((part, index) => ({ ...part, index }))
}
