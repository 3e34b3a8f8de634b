import type { MediaFacts } from '@track-orchestrator/registry/media'

type Video = MediaFacts['video'][number]
type Audio = MediaFacts['audio'][number]

/** ffprobe's JSON, as far as it is used. Every number may come as text, and every field may be missing. */
interface ProbeJson {
  readonly format?: { readonly format_name?: string; readonly size?: string; readonly start_time?: string; readonly duration?: string }
  readonly streams?: readonly StreamJson[]
}

interface StreamJson {
  readonly codec_type?: string
  readonly codec_name?: string
  readonly start_time?: string
  readonly duration?: string
  readonly bit_rate?: string
  readonly width?: number
  readonly height?: number
  readonly pix_fmt?: string
  readonly avg_frame_rate?: string
  readonly sample_rate?: string
  readonly channels?: number
  readonly disposition?: { readonly default?: number; readonly attached_pic?: number; readonly timed_thumbnails?: number }
  readonly tags?: Readonly<Record<string, string>>
  readonly sample_aspect_ratio?: string
  readonly field_order?: string
  readonly color_transfer?: string
  readonly side_data_list?: readonly { readonly side_data_type?: string; readonly rotation?: number; readonly displaymatrix?: string }[]
}

/** The facts in ffprobe's `-show_format -show_streams`. Cover pictures are no video, but count among the places of video streams. */
export function readFacts(json: unknown): MediaFacts {
  const { format = {}, streams = [] } = json as ProbeJson
  const ofKind = (kind: string) => streams.filter((stream) => stream.codec_type === kind)
  const durationSeconds = lengthOf(format.format_name ?? '', number(format.duration), number(format.start_time))
  return {
    container: format.format_name ?? 'unknown',
    sizeBytes: number(format.size) ?? 0,
    ...(durationSeconds !== undefined && durationSeconds > 0 && { durationSeconds }),
    video: ofKind('video').flatMap((stream, index) => (isCover(stream) ? [] : [videoOf(stream, index)])),
    audio: ofKind('audio').map(audioOf),
    subtitleCount: ofKind('subtitle').length,
  }
}

/** A cover, or the pictures of chapters. */
function isCover({ disposition = {} }: StreamJson): boolean {
  return disposition.attached_pic === 1 || disposition.timed_thumbnails === 1
}

function videoOf(stream: StreamJson, index: number): Video {
  return {
    ...streamOf(stream, index),
    width: stream.width ?? 0,
    height: stream.height ?? 0,
    frameRate: stream.avg_frame_rate ?? '0/0',
    ...(stream.pix_fmt !== undefined && { pixelFormat: stream.pix_fmt }),
    rotationDegrees: rotationOf(stream),
    ...pictureOf(stream),
  }
}

function audioOf(stream: StreamJson, index: number): Audio {
  const bitrate = number(stream.bit_rate)
  return {
    ...streamOf(stream, index),
    sampleRateHz: number(stream.sample_rate) ?? 0,
    channels: stream.channels ?? 0,
    ...(bitrate !== undefined && { bitrateKbps: bitrate / 1_000 }),
  }
}

/** Matroska says when something ends, on a clock that may begin anywhere; other containers say how long it is. */
function lengthOf(container: string, seconds: number | undefined, startSeconds = 0): number | undefined {
  if (seconds === undefined || !container.startsWith('matroska') || startSeconds <= 0 || seconds < startSeconds) return seconds
  return seconds - startSeconds
}

function streamOf(stream: StreamJson, index: number) {
  const durationSeconds = number(stream.duration) ?? lengthOf('matroska', clock(stream.tags?.['DURATION']), number(stream.start_time))
  const language = stream.tags?.['language']
  return {
    index,
    codec: stream.codec_name ?? 'unknown',
    startSeconds: number(stream.start_time) ?? 0,
    ...(durationSeconds !== undefined && durationSeconds >= 0 && { durationSeconds }),
    isDefault: stream.disposition?.default === 1,
    ...(language !== undefined && language !== 'und' && { language }),
  }
}

/**
 * How to turn the picture clockwise to stand upright. The display matrix tells it counter-clockwise (ffmpeg manual, "Main options",
 * `-display_rotation`); before 5.0 a tag told it clockwise.
 */
function rotationOf(stream: StreamJson): Video['rotationDegrees'] {
  const matrix = stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation
  const clockwise = matrix === undefined ? (number(stream.tags?.['rotate']) ?? 0) : -matrix
  const quarters = ((Math.round(clockwise / 90) % 4) + 4) % 4
  return ([0, 90, 180, 270] as const)[quarters] ?? 0
}

const curves: Readonly<Record<string, 'pq' | 'hlg'>> = { smpte2084: 'pq', 'arib-std-b67': 'hlg' }
/** By the field that is shown first: Matroska, and ffmpeg in what it writes, mean by `tb` rows of both in one frame, the upper ones first (RFC 9559, "FieldOrder"). */
const fieldOrders: Readonly<Record<string, 'top' | 'bottom'>> = { tt: 'top', tb: 'top', bb: 'bottom', bt: 'bottom' }

function pictureOf(stream: StreamJson): Pick<Video, 'mirrored' | 'pixelAspect' | 'interlaced' | 'hdr'> {
  const pixelAspect = aspectOf(stream.sample_aspect_ratio)
  const interlaced = fieldOrders[stream.field_order ?? '']
  const hdr = curves[stream.color_transfer ?? '']
  return {
    ...(isMirrored(stream) && { mirrored: true }),
    ...(pixelAspect !== undefined && { pixelAspect }),
    ...(interlaced !== undefined && { interlaced }),
    ...(hdr !== undefined && { hdr }),
  }
}

/** Nobody's pixels are further from square. */
const utmostAspect = 4

function aspectOf(ratio = ''): string | undefined {
  const [, width, height] = /^([1-9]\d{0,8}):([1-9]\d{0,8})$/.exec(ratio) ?? []
  if (width === undefined || height === undefined || width === height) return undefined
  const aspect = Number(width) / Number(height)
  return aspect > utmostAspect || aspect < 1 / utmostAspect ? undefined : `${width}/${height}`
}

/** A display matrix that swaps two sides has a negative determinant (ISO/IEC 14496-12 section 8.3.2: a, b, u, c, d, v, x, y, w). */
function isMirrored(stream: StreamJson): boolean {
  const rows = stream.side_data_list?.find((data) => data.displaymatrix !== undefined)?.displaymatrix ?? ''
  const [a = 1, b = 0, , c = 0, d = 1] = [...rows.replaceAll(/^\d+:/gm, '').matchAll(/-?\d+/g)].map(Number)
  return a * d - b * c < 0
}

function number(text: string | undefined): number | undefined {
  const value = text === undefined ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** Matroska writes a stream's length as `00:01:02.345000000`. */
function clock(text: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text ?? '') ?? []
  return seconds === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
}
