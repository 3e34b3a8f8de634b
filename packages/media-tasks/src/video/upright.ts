import type { VideoFacts } from '@track-orchestrator/registry/media'

/** How a picture is stored. */
export type StoredPicture = Pick<VideoFacts, 'width' | 'height' | 'rotationDegrees' | 'mirrored' | 'pixelAspect' | 'interlaced' | 'hdr'>

/** How to turn a picture clockwise, and one that is stored upside down (ffmpeg manual, "Video Filters": transpose, hflip, vflip). */
const turns = { 0: [], 90: ['transpose=clock'], 180: ['hflip', 'vflip'], 270: ['transpose=cclock'] } as const
const mirroredTurns = { 0: ['vflip'], 90: ['transpose=cclock_flip'], 180: ['hflip'], 270: ['transpose=clock_flip'] } as const

export function turnFilters({ rotationDegrees, mirrored = false }: Pick<StoredPicture, 'rotationDegrees' | 'mirrored'>): readonly string[] {
  return (mirrored ? mirroredTurns : turns)[rotationDegrees]
}

/** The size of the picture when it stands upright and its pixels are square. */
export function uprightSize({ width, height, rotationDegrees, pixelAspect }: Pick<StoredPicture, 'width' | 'height' | 'rotationDegrees' | 'pixelAspect'>): { width: number; height: number } {
  const aspect = fractionOf(pixelAspect)
  const square = { width: Math.round(width * Math.max(1, aspect)), height: Math.round(height / Math.min(1, aspect)) }
  return rotationDegrees % 180 === 0 ? square : { width: square.height, height: square.width }
}

/** The size of the H.264 picture: odd sizes cut to even, which yuv420p needs; the width follows a `height` that is asked for. */
export function encodedSize(picture: StoredPicture, height?: number): { width: number; height: number } {
  const upright = uprightSize(picture)
  const even = { width: Math.max(2, upright.width & ~1), height: Math.max(2, upright.height & ~1) }
  if (height === undefined) return even
  return { width: Math.max(2, Math.round((even.width * height) / even.height / 2) * 2), height }
}

function fractionOf(pixelAspect = '1/1'): number {
  const [width = 1, height = 1] = pixelAspect.split('/').map(Number)
  return width / height
}

/** What has to be handed along of how a picture is stored, beside its size and rotation. */
export function pictureFacts({ mirrored, pixelAspect, interlaced, hdr }: Pick<StoredPicture, 'mirrored' | 'pixelAspect' | 'interlaced' | 'hdr'>) {
  return {
    ...(mirrored !== undefined && { mirrored }),
    ...(pixelAspect !== undefined && { pixelAspect }),
    ...(interlaced !== undefined && { interlaced }),
    ...(hdr !== undefined && { hdr }),
  }
}
