import { basename, dirname, resolve } from 'node:path'
import { decoders } from './decoders.ts'

/**
 * Containers that hold everything themselves: no demuxer in this list opens another file or address by itself.
 * Names as in the ffmpeg manual, "Demuxers"; checked by its format option `format_whitelist`.
 */
export const mediaFormats: readonly string[] = [
  'matroska', 'webm', 'mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2', 'avi', 'flv', 'mpegts', 'mpeg', 'mp3', 'wav', 'w64', 'ogg', 'flac', 'aac', 'aiff', 'au',
] // prettier-ignore

/** A file that ffmpeg reads. */
export interface FfmpegInput {
  /** A local path, never a URL. */
  readonly path: string
  /** Options that stand before this `-i`. */
  readonly options?: readonly string[]
  /** Which demuxers may read it. Default: `mediaFormats`. Raw sound of our own making needs `['s16le']` and the like. */
  readonly formats?: readonly string[]
}

/** A list of files of our own making, for the concat demuxer. */
export const concatFormats: readonly string[] = ['concat', ...mediaFormats]

/**
 * What no file may make a decoder or demuxer take, whatever the limits of the worker are: pixels of a picture, streams, bytes of
 * memory in one piece (ffmpeg manual, "Codec Options", "Format Options", "Generic options").
 */
const utmost = ['-max_pixels', '67108864', '-max_streams', '1000', '-max_alloc', String(1_024 ** 3)]

/**
 * The input as arguments that cannot reach beyond the file: `file` is the only protocol (ffmpeg manual, "Protocols",
 * `protocol_whitelist`), only listed containers and decoders are opened, and the path can be taken neither for an option nor for a protocol.
 */
export function gateOptions(input: FfmpegInput): string[] {
  const formats = (input.formats ?? mediaFormats).join(',')
  return ['-protocol_whitelist', 'file', '-format_whitelist', formats, '-codec_whitelist', decoders.join(','), ...utmost, ...(input.options ?? [])]
}

/**
 * The path as ffmpeg is to be given it. What lies in its working folder goes by its name alone: the concat demuxer takes a list's path for
 * a URL when it looks for the files beside it, and would cut a folder's name short at `#` or `?`.
 */
export function fileArgument(path: string, workingFolder?: string): string {
  const whole = resolve(path)
  const isInside = workingFolder !== undefined && dirname(whole) === resolve(workingFolder)
  return `file:${isInside ? basename(whole) : whole}`
}
