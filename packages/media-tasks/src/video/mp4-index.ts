import { open, type FileHandle } from 'node:fs/promises'

/** No index of a part is larger: about a million frames. */
const largestIndex = 64 * 1024 * 1024

/**
 * How a decoder is to be set up for the H.264 in an MP4 (the `avcC` box: size, profile, parameter sets; ISO/IEC 14496-15
 * section 5.3.3), as text to compare. Parts can be joined without encoding only where it is the same. Nothing where there is none.
 */
export async function readAvcConfig(path: string): Promise<string | undefined> {
  const bytes = await readIndexOf(path)
  const type = bytes?.indexOf('avcC', 0, 'latin1') ?? -1
  if (!bytes || type < 4) return undefined
  return bytes.toString('base64', type + 4, type - 4 + bytes.readUInt32BE(type - 4))
}

/** The size of the picture in an MP4 of one track, as its header says (fixed-point numbers, ISO/IEC 14496-12 section 8.3.2). Nothing where there is none. */
export async function readPictureSize(path: string): Promise<{ readonly width: number; readonly height: number } | undefined> {
  const bytes = await readIndexOf(path)
  const header = bytes?.indexOf('tkhd', 0, 'latin1') ?? -1
  if (!bytes || header < 4) return undefined
  const end = header - 4 + bytes.readUInt32BE(header - 4)
  return { width: bytes.readUInt32BE(end - 8) >>> 16, height: bytes.readUInt32BE(end - 4) >>> 16 }
}

/** The whole `moov` box. Undefined where there is none, or one too large to be read. */
export async function readIndexOf(path: string): Promise<Buffer | undefined> {
  const file = await open(path, 'r')
  try {
    const { bytes } = (await readIndex(file, (await file.stat()).size)) ?? {}
    return bytes && bytes.length === bytes.readUInt32BE(0) ? bytes : undefined
  } finally {
    await file.close()
  }
}

/** The matrix that changes nothing, as fixed-point numbers (ISO/IEC 14496-12 section 8.3.2). */
const unchanged = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000]

/** Has an MP4 of one track say that its picture is to be shown as it is stored. */
export async function clearDisplayMatrix(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const index = await readIndex(file, (await file.stat()).size)
    const header = index?.bytes.indexOf('tkhd', 0, 'latin1') ?? -1
    if (!index || header < 0) return
    const matrix = header + 4 + (index.bytes[header + 4] === 1 ? 52 : 40)
    const bytes = Buffer.alloc(unchanged.length * 4)
    for (const [place, value] of unchanged.entries()) bytes.writeInt32BE(value, place * 4)
    await file.write(bytes, 0, bytes.length, index.at + matrix)
  } finally {
    await file.close()
  }
}

/** The `moov` box, and where in the file it begins (ISO/IEC 14496-12 section 8.2.1). */
async function readIndex(file: FileHandle, size: number): Promise<{ readonly bytes: Buffer; readonly at: number } | undefined> {
  const head = Buffer.alloc(16)
  for (let at = 0; at + 8 <= size; ) {
    await file.read(head, 0, 16, at)
    const short = head.readUInt32BE(0)
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short
    if (length < 8) return undefined
    if (head.toString('latin1', 4, 8) === 'moov') {
      const bytes = Buffer.alloc(Math.min(length, largestIndex, size - at))
      await file.read(bytes, 0, bytes.length, at)
      return { bytes, at }
    }
    at += length
  }
  return undefined
}
