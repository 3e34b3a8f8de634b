import { open } from 'node:fs/promises'
import type { MediaLimits } from '../media-limits.ts'
import { fileWindow } from './file-window.ts'
import { readIsoClaims } from './iso-claims.ts'
import type { StopOptions } from './stop.ts'

/** What the first and the outermost bytes of a file give away, before any decoder sees it. */
export interface FileShape {
  /** A list that would make ffmpeg open other files or addresses: `an HLS playlist`. */
  readonly playlist?: string
  /** Its samples lie in other files, as it says (MP4, QuickTime). */
  readonly isReference?: boolean
  /** The container says it is longer than the file, by so many bytes or more. */
  readonly missingBytes?: number
  /** Of what it claims more than can be true, or than is taken on. */
  readonly tooMuch?: string
}

export interface FileShapeOptions extends Pick<StopOptions, 'signal'> {
  readonly limits: Pick<MediaLimits, 'frames' | 'durationSeconds'>
}

/** Packets a second that sound can have, roughly: those of 5 ms. */
const packetsPerSecond = 200

/** How playlists begin (RFC 8216 section 4.3.1.1; ffmpeg manual, "concat"; ISO/IEC 23009-1; RFC 4566). */
const playlists: readonly (readonly [RegExp, string])[] = [
  [/^\s*#EXTM3U/, 'an HLS playlist'],
  [/^\s*ffconcat version/, 'an ffmpeg concat list'],
  [/^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)?<(?:MPD|SmoothStreamingMedia|smil|AssetMap|CompositionPlaylist)\b/, 'a playlist in XML'],
  [/^v=0\r?\no=/, 'a session description'],
  [/^\s*\[playlist\]/i, 'a playlist'],
]

/**
 * Looks at the file's beginning, and at what its boxes or elements say, never at media: one read for each 64 KiB, however it is made.
 * Throws the signal's reason.
 */
export async function readFileShape(path: string, { limits, signal }: FileShapeOptions): Promise<FileShape> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const source = fileWindow(file, size, signal)
    const head = Buffer.from(await source.read(0, 1_024))
    const text = head.toString('utf8').replace(/^\u{FEFF}/u, '')
    const playlist = playlists.find(([pattern]) => pattern.test(text))?.[1]
    if (playlist !== undefined) return { playlist }
    if (!isIsoMedia(head)) return missing(head.readUInt32BE(0) === ebmlMagic ? matroskaEnd(head) : undefined, size)
    const claims = await readIsoClaims(source, { samples: Math.max(limits.frames, limits.durationSeconds * packetsPerSecond) })
    if (claims.isReference) return { isReference: true }
    if (claims.tooMuch !== undefined) return { tooMuch: claims.tooMuch }
    return missing(claims.end, size)
  } finally {
    await file.close()
  }
}

function missing(end: number | undefined, size: number): FileShape {
  return end !== undefined && end > size ? { missingBytes: end - size } : {}
}

/** The EBML header's element ID, and that of the Segment which holds the rest (RFC 8794 section 11.2.1, RFC 9559 section 5.1). */
const ebmlMagic = 0x1a45dfa3
const segmentId = 0x18538067

/** Where the Segment says it ends; nothing where it does not say, as in a recording that was never finished on purpose. */
function matroskaEnd(head: Buffer): number | undefined {
  const header = readSize(head, 4)
  if (header?.value === undefined) return undefined
  const segment = header.next + header.value
  if (segment + 12 > head.length || head.readUInt32BE(segment) !== segmentId) return undefined
  const size = readSize(head, segment + 4)
  return size?.value === undefined ? undefined : size.next + size.value
}

/** A variable-size integer (RFC 8794 section 4.4): leading zero bits tell its length; all ones mean "not known". */
function readSize(buffer: Buffer, at: number): { value: number | undefined; next: number } | undefined {
  const first = buffer[at] ?? 0
  const length = Math.clz32(first) - 23
  if (first === 0 || at + length > buffer.length) return undefined
  let value = first & (0xff >> length)
  let unknown = value === 0xff >> length
  for (const byte of buffer.subarray(at + 1, at + length)) {
    value = value * 256 + byte
    unknown &&= byte === 0xff
  }
  return { value: unknown ? undefined : value, next: at + length }
}

function isIsoMedia(head: Buffer): boolean {
  return /^(?:ftyp|moov|mdat|wide|free|skip|pnot)$/.test(head.toString('latin1', 4, 8))
}
