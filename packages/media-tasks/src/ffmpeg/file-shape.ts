import { open, type FileHandle } from 'node:fs/promises'

/** What the first and the outermost bytes of a file give away, before any decoder sees it. */
export interface FileShape {
  /** A list that would make ffmpeg open other files or addresses: `an HLS playlist`. */
  readonly playlist?: string
  /** Its samples lie in other files, as it says (MP4, QuickTime). */
  readonly isReference?: boolean
  /** The container says it is longer than the file, by so many bytes or more. */
  readonly missingBytes?: number
}

/** How playlists begin (RFC 8216 section 4.3.1.1; ffmpeg manual, "concat"; ISO/IEC 23009-1; RFC 4566). */
const playlists: readonly (readonly [RegExp, string])[] = [
  [/^\s*#EXTM3U/, 'an HLS playlist'],
  [/^\s*ffconcat version/, 'an ffmpeg concat list'],
  [/^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)?<(?:MPD|SmoothStreamingMedia|smil|AssetMap|CompositionPlaylist)\b/, 'a playlist in XML'],
  [/^v=0\r?\no=/, 'a session description'],
  [/^\s*\[playlist\]/i, 'a playlist'],
]

/** Looks at the file's beginning and at its outermost boxes or elements only: a few reads, however long it is. */
export async function readFileShape(path: string): Promise<FileShape> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const head = await read(file, 0, 1_024)
    const text = head.toString('utf8').replace(/^\u{FEFF}/u, '')
    const playlist = playlists.find(([pattern]) => pattern.test(text))?.[1]
    if (playlist !== undefined) return { playlist }
    const isMovie = isIsoMedia(head)
    if (isMovie && (await isReferenceMovie(file, size))) return { isReference: true }
    const end = head.readUInt32BE(0) === ebmlMagic ? matroskaEnd(head) : isMovie ? await isoMediaEnd(file, size) : undefined
    return end !== undefined && end > size ? { missingBytes: end - size } : {}
  } finally {
    await file.close()
  }
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length) // zeroes after the end of the file
  await file.read(buffer, 0, length, position)
  return buffer
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

const boxType = /^[\w \-\u00a9]{4}$/

/** No file has more boxes at the top than a long fragmented recording: two a fragment. */
const mostBoxes = 100_000

interface Box {
  readonly type: string
  /** Where its content begins. */
  readonly start: number
  readonly end: number
}

/** The boxes in a range, in order, up to the first that is none (ISO/IEC 14496-12 section 4.2: 32-bit size, 1 for a 64-bit one, 0 for "to the end"). */
async function* boxesIn(file: FileHandle, start: number, end: number): AsyncGenerator<Box> {
  let at = start
  for (let boxes = 0; at + 8 <= end && boxes < mostBoxes; boxes++) {
    const head = await read(file, at, 16)
    const short = head.readUInt32BE(0)
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short
    // To the end of the file, or no box at all, as where somebody has put something behind the last one: ffprobe will tell.
    const type = head.toString('latin1', 4, 8)
    if (length < 8 || !boxType.test(type)) return
    yield { type, start: at + (short === 1 ? 16 : 8), end: at + length }
    at += length
  }
}

/** Where the last box at the top says it ends. Nothing where what follows is no box. */
async function isoMediaEnd(file: FileHandle, size: number): Promise<number | undefined> {
  let last = 0
  for await (const { end } of boxesIn(file, 0, size)) last = end
  return last + 8 <= size ? undefined : last
}

/** The way to the data references of a track (section 8.7.2). */
const wayToReferences = ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref']

/** Whether a track says that its samples lie elsewhere, or the movie is only a list of other movies (QuickTime File Format, "Reference Movies"). */
async function isReferenceMovie(file: FileHandle, size: number): Promise<boolean> {
  let boxes: Box[] = [{ type: '', start: 0, end: size }]
  for (const type of wayToReferences) {
    const found: Box[] = []
    for (const box of boxes) {
      for await (const inner of boxesIn(file, box.start, Math.min(box.end, size))) {
        if (inner.type === 'rmra' && type === 'trak') return true
        if (inner.type === type && found.length < mostTracks) found.push(inner)
      }
    }
    boxes = found
  }
  for (const { start, end } of boxes) {
    // A version, flags and a count; then entries, each with flags of its own, of which the lowest bit says "in this same file".
    for await (const entry of boxesIn(file, start + 8, Math.min(end, size))) {
      if (((await read(file, entry.start, 4)).readUInt32BE(0) & 1) === 0 && entry.end - entry.start > 5) return true
    }
  }
  return false
}

/** More than the gate lets in. */
const mostTracks = 200
