import { encodedSize, turnFilters, type StoredPicture } from './upright.ts'

/** How close two shapes are taken for one, in pixels of width: sizes are rounded to even numbers. */
const sameShape = 4

/** How a picture of high dynamic range is treated: brought into the usual range, or kept in 10 bit. Nothing where it has none. */
export type HdrTreatment = 'toned' | 'kept' | undefined

export function hdrTreatment({ hdr }: Pick<StoredPicture, 'hdr'>, { supportsToneMapping }: { readonly supportsToneMapping: boolean }): HdrTreatment {
  if (hdr === undefined) return undefined
  return supportsToneMapping ? 'toned' : 'kept'
}

/**
 * Filters that make the picture that is to be seen of the stored one: every frame whole, upright, with square pixels, of this size. A recording may
 * change its size on the way: what has another shape gets bars. ffmpeg must not turn it by itself (`-noautorotate`).
 * Odd sizes need a `pixelFormat` that does not share colours between pixels.
 */
export function pictureFilters(picture: StoredPicture, size: { readonly width: number; readonly height: number }, treatment: HdrTreatment, pixelFormat?: string): string[] {
  return [
    ...(picture.interlaced === undefined ? [] : ['bwdif=mode=send_frame:parity=auto:deint=all'] /* each frame knows best which rows are earlier */),
    ...turnFilters(picture),
    ...fitFilters(size, pixelFormat),
    ...(treatment === 'toned' ? toneFilters(picture.hdr!) : []),
  ]
}

/** Filters that make the pictures that are encoded. Odd sizes lose a row or a column, so that no other is blurred. */
export function encodedFilters(picture: StoredPicture, outputHeight: number | undefined, treatment: HdrTreatment): string[] {
  const even = picture.pixelAspect === undefined ? ['crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0'] : [] // else it is scaled anyway
  return [...even, ...pictureFilters(picture, encodedSize(picture, outputHeight), treatment), `format=${encodedFormat(treatment)}`]
}

export function encodedFormat(treatment: HdrTreatment): string {
  return treatment === 'kept' ? 'yuv420p10le' : 'yuv420p'
}

/** `dar` is the shape that is seen, pixels' own shape included (ffmpeg manual, "scale"). */
function fitFilters({ width, height }: { readonly width: number; readonly height: number }, pixelFormat?: string): string[] {
  const whole = `lt(abs(dar*${height}-${width}),${sameShape})`
  const isWider = `gt(dar,${width / height})`
  const fittedWidth = `if(${whole}+${isWider},${width},max(2,2*trunc(dar*${height}/2)))`
  const fittedHeight = `if(${whole}+not(${isWider}),${height},max(2,2*trunc(${width}/dar/2)))`
  const format = pixelFormat === undefined ? [] : [`format=${pixelFormat}`]
  return [`scale=w='${fittedWidth}':h='${fittedHeight}'`, ...format, `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`, 'setsar=1']
}

const curves = { pq: 'smpte2084', hlg: 'arib-std-b67' } as const

/** Light as it was, then pressed into the range of BT.709 (ffmpeg manual, "zscale" and "tonemap"; ITU-R BT.2408 on 100 nits as white). */
function toneFilters(hdr: 'pq' | 'hlg'): string[] {
  return [
    `zscale=tin=${curves[hdr]}:pin=bt2020:min=bt2020nc:t=linear:npl=100`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=tonemap=hable:desat=0',
    'zscale=t=bt709:m=bt709:r=limited',
  ]
}

/** What the encoder is told of the colours: nothing, where they are as in the file. */
export function colourOptions({ hdr }: Pick<StoredPicture, 'hdr'>, treatment: HdrTreatment): string[] {
  const named = (primaries: string, transfer: string, matrix: string) => ['-color_primaries', primaries, '-color_trc', transfer, '-colorspace', matrix, '-color_range', 'tv']
  if (treatment === 'toned') return named('bt709', 'bt709', 'bt709')
  return treatment === 'kept' ? named('bt2020', curves[hdr!], 'bt2020nc') : []
}
