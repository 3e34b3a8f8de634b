import type { VideoFacts } from '@track-orchestrator/registry/media'

type Rotation = VideoFacts['rotationDegrees']
type Picture = Pick<VideoFacts, 'width' | 'height' | 'rotationDegrees'>

/** How to turn a picture clockwise (ffmpeg manual, "Video Filters": transpose, hflip, vflip). */
const turns = { 0: [], 90: ['transpose=clock'], 180: ['hflip', 'vflip'], 270: ['transpose=cclock'] } as const

export function turnFilters(rotationDegrees: Rotation): readonly string[] {
  return turns[rotationDegrees]
}

/** The size of the picture when it stands upright. */
export function uprightSize({ width, height, rotationDegrees }: Picture): { width: number; height: number } {
  return rotationDegrees % 180 === 0 ? { width, height } : { width: height, height: width }
}

/** The size of the H.264 picture: odd sizes cut to even, which yuv420p needs; the width follows a `height` that is asked for. */
export function encodedSize(picture: Picture, height?: number): { width: number; height: number } {
  const upright = uprightSize(picture)
  const even = { width: Math.max(2, upright.width & ~1), height: Math.max(2, upright.height & ~1) }
  if (height === undefined) return even
  return { width: Math.max(2, Math.round((even.width * height) / even.height / 2) * 2), height }
}

/**
 * Filters that make the encoded picture of the stored one. `ownRotation`: what the file says itself, which ffmpeg sees to; only what
 * got lost on the way is turned here. The size is always spelt out: a recording may change its size half-way, and all parts must
 * come out alike.
 */
export function pictureFilters(picture: Picture, ownRotation: Rotation, outputHeight?: number): string[] {
  const size = encodedSize(picture, outputHeight)
  const lost = ((picture.rotationDegrees - ownRotation + 360) % 360) as Rotation
  return [...turnFilters(lost), 'crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0', `scale=${size.width}:${size.height}`, 'format=yuv420p']
}
