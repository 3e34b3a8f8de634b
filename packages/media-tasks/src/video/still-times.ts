import { parseFraction } from '../ffmpeg/frame-rate.ts'

/** A picture that stands still for longer is shown once a second, not at the rate of the video. In seconds. */
export const longStill = 30

/** How long each of the last two pictures is shown where the rate varies: ffmpeg gives the last of a file as long as the one before, or hardly any time. */
const lastSeconds = 0.04

interface Rate {
  readonly frameRate: string
  readonly variableFrameRate: boolean
}

const framesPerSecond = ({ frameRate }: Rate): number => parseFraction(frameRate) ?? 25

/** How often a picture that stands still is shown: at the rate of the video; where that varies, once a second and twice at the end. */
export function stillCount(seconds: number, rate: Rate): number {
  return Math.max(1, rate.variableFrameRate ? Math.ceil(seconds) + 2 : Math.round(seconds * framesPerSecond(rate)))
}

/** When the picture is shown for the `n`th time, in seconds from the first, as an expression of ffmpeg's. */
export function stillTime(n: string, count: number, seconds: number, rate: Rate): string {
  if (!rate.variableFrameRate) return `${n}/${framesPerSecond(rate).toFixed(9)}`
  const last = Math.max(0, seconds - lastSeconds)
  const step = Math.max(0, last - lastSeconds) / Math.max(1, count - 2)
  return `if(lt(${n},${count - 1}),${n}*${step.toFixed(9)},${last.toFixed(6)})`
}
