import type { VideoTiming } from '../ffmpeg/measure-video.ts'
import { trackTimescale } from './frame-options.ts'
import { longStill, stillCount, stillTime } from './still-times.ts'

/** How a whole video is encoded so that its last picture is held under sound that goes on. */
export interface HeldVideo {
  readonly frameCount: number
  readonly durationSeconds: number
  readonly variableFrameRate: boolean
  readonly filters: readonly string[]
}

/** Shows the last picture again and again (ffmpeg manual, "tpad"). */
export function holdLast(timing: VideoTiming, holdSeconds: number): HeldVideo {
  const { frameCount, frameRate, durationSeconds } = timing
  const variableFrameRate = timing.variableFrameRate || holdSeconds > longStill || frameCount === 1
  const rate = { frameRate, variableFrameRate }
  const added = stillCount(holdSeconds, rate)
  const held = `(${durationSeconds.toFixed(6)}+${stillTime(`(N-${frameCount})`, added, holdSeconds, rate)})/TB`
  return {
    frameCount: frameCount + added,
    durationSeconds: durationSeconds + holdSeconds,
    variableFrameRate,
    filters: ['setpts=PTS-STARTPTS', `tpad=stop_mode=clone:stop=${added}`, `settb=1/${trackTimescale}`, `setpts='if(lt(N,${frameCount}),PTS,${held})'`],
  }
}
