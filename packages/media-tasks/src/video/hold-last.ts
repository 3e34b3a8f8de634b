import type { VideoTiming } from '../ffmpeg/measure-video.ts'
import { parseFraction } from '../ffmpeg/frame-rate.ts'
import { longStill } from './facts-of-video.ts'
import { lastStill, trackTimescale } from './frame-options.ts'

/** How a whole video is encoded so that its last picture is held under sound that goes on. */
export interface HeldVideo {
  readonly frameCount: number
  readonly durationSeconds: number
  readonly variableFrameRate: boolean
  readonly filters: readonly string[]
}

/** Shows the last picture again and again: at the rate of the video, or once a second where that is long (ffmpeg manual, "tpad"). */
export function holdLast(timing: VideoTiming, holdSeconds: number): HeldVideo {
  const variableFrameRate = timing.variableFrameRate || holdSeconds > longStill || timing.frameCount === 1
  const framesPerSecond = parseFraction(timing.frameRate) ?? 25
  const added = variableFrameRate ? Math.ceil(holdSeconds) + 1 : Math.max(1, Math.round(holdSeconds * framesPerSecond))
  const step = variableFrameRate ? Math.max(0, holdSeconds - lastStill) / (added - 1) : 1 / framesPerSecond
  const held = `(${timing.durationSeconds.toFixed(6)}+(N-${timing.frameCount})*${step.toFixed(9)})/TB`
  return {
    frameCount: timing.frameCount + added,
    durationSeconds: timing.durationSeconds + holdSeconds,
    variableFrameRate,
    filters: ['setpts=PTS-STARTPTS', `tpad=stop_mode=clone:stop=${added}`, `settb=1/${trackTimescale}`, `setpts='if(lt(N,${timing.frameCount}),PTS,${held})'`],
  }
}
