import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts'
import { requireVideo } from '../ffmpeg/probe-media.ts'
import type { Clip } from './make-clip.ts'
import { readBeeps, readBoxes, readVideo } from './read-clip.ts'

/** How a converted clip differs from the one that was made. All counts should be 0. */
export interface ClipComparison {
  readonly frameCount: number
  readonly lost: number
  readonly doubled: number
  readonly reordered: number
  readonly unreadable: number
  /** Furthest that any frame stands from where it should, in seconds, when both begin at 0. */
  readonly frameDriftSeconds: number
  /** Furthest that a flash and its beep are apart, in seconds; nothing without sound. */
  readonly soundDriftSeconds?: number
  readonly videoStartSeconds: number
  readonly audioStartSeconds?: number
  readonly videoSeconds: number
  readonly audioSeconds?: number
  readonly videoCodec: string
  readonly pixelFormat: string
  readonly audioCodec?: string
  readonly width: number
  readonly height: number
  /** How a player would have to turn it. */
  readonly rotationDegrees: number
  /** `moov` stands before `mdat`. */
  readonly isFaststart: boolean
}

/**
 * Decodes the result and compares every frame, flash and beep with what the clip was made of. `leadSeconds`: for how long its first frame stands
 * still at the beginning, before any other follows in its time.
 */
export async function compareClip(ffmpeg: Ffmpeg, clip: Clip, path: string, leadSeconds = 0): Promise<ClipComparison> {
  const { facts, frames, endSeconds } = await readVideo(ffmpeg, path)
  const video = requireVideo(facts)
  const audio = facts.audio[0]

  const times = new Map<number, number[]>()
  let reordered = 0
  for (const [place, { index, seconds }] of frames.entries()) {
    times.set(index, [...(times.get(index) ?? []), seconds])
    if (index < (frames[place - 1]?.index ?? -1)) reordered++
  }
  const start = clip.frameTimes[0] ?? 0
  const drifts = clip.frameTimes.map((time, index) => Math.abs((times.get(index)?.[0] ?? Infinity) - (index === 0 ? 0 : leadSeconds + time - start)))
  const boxes = await readBoxes(path)
  return {
    frameCount: frames.length,
    lost: clip.frameTimes.filter((_, index) => !times.has(index)).length,
    doubled: [...times].filter(([index, seen]) => index >= 0 && seen.length > 1).length,
    unreadable: times.get(-1)?.length ?? 0,
    frameDriftSeconds: Math.max(...drifts),
    videoStartSeconds: video.startSeconds,
    videoSeconds: endSeconds,
    videoCodec: video.codec,
    pixelFormat: video.pixelFormat ?? '',
    isFaststart: boxes.indexOf('moov') >= 0 && boxes.indexOf('moov') < boxes.indexOf('mdat'),
    ...{ reordered, width: video.width, height: video.height, rotationDegrees: video.rotationDegrees },
    ...(audio && {
      audioStartSeconds: audio.startSeconds,
      audioSeconds: audio.durationSeconds ?? Number.NaN,
      audioCodec: audio.codec,
      soundDriftSeconds: soundDrift(frames, await readBeeps(ffmpeg, path)),
    }),
  }
}

/** Each flash against the beep next to it; a flash without any counts as endless. */
function soundDrift(frames: readonly { readonly flash: boolean; readonly seconds: number }[], beeps: readonly number[]): number {
  const flashes = frames.filter(({ flash }, place) => flash && place > 0 && !frames[place - 1]?.flash)
  const apart = flashes.map(({ seconds }) => Math.min(Infinity, ...beeps.map((beep) => Math.abs(beep - seconds))))
  return flashes.length === 0 ? Infinity : Math.max(...apart)
}
