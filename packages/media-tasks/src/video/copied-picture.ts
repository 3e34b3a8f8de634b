import type { MediaFacts } from '@track-orchestrator/registry/media'

/** Codecs whose decoder has to be told how deep a pixel is, or which colours there are: MP4 and AVI say that outside of the pictures, and Matroska cannot. */
const toldOutside: ReadonlySet<string> = new Set(['qtrle', 'rawvideo'])
/** Pictures that are not compressed, in formats that Matroska names (RFC 9559, "UncompressedFourCC"). */
const namedFormats: ReadonlySet<string> = new Set(['yuv420p', 'yuyv422', 'uyvy422'])

/** Whether the picture can still be decoded when its packets are copied into Matroska. */
export function fitsMatroska({ codec, pixelFormat = '' }: Pick<MediaFacts['video'][number], 'codec' | 'pixelFormat'>): boolean {
  return !toldOutside.has(codec) || (codec === 'rawvideo' && namedFormats.has(pixelFormat))
}
