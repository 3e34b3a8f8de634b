import { open, type FileHandle } from 'node:fs/promises'

/** No index of a part is larger: about a million frames. */
const largestIndex = 64 * 1024 * 1024

/**
 * How a decoder is to be set up for the H.264 in an MP4 (the `avcC` box: size, profile, parameter sets; ISO/IEC 14496-15
 * section 5.3.3), as text to compare. Parts can be joined without encoding only where it is the same. Nothing where there is none.
 */
export async function readAvcConfig(path: string): Promise<string | undefined> {
  const file = await open(path, 'r')
  try {
    const index = await readIndex(file, (await file.stat()).size)
    const type = index?.indexOf('avcC', 0, 'latin1') ?? -1
    if (!index || type < 4) return undefined
    return index.toString('base64', type + 4, type - 4 + index.readUInt32BE(type - 4))
  } finally {
    await file.close()
  }
}

/** The contents of the `moov` box (ISO/IEC 14496-12 section 8.2.1). */
async function readIndex(file: FileHandle, size: number): Promise<Buffer | undefined> {
  const head = Buffer.alloc(16)
  for (let at = 0; at + 8 <= size; ) {
    await file.read(head, 0, 16, at)
    const short = head.readUInt32BE(0)
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short
    if (length < 8) return undefined
    if (head.toString('latin1', 4, 8) === 'moov') {
      const index = Buffer.alloc(Math.min(length, largestIndex, size - at))
      await file.read(index, 0, index.length, at)
      return index
    }
    at += length
  }
  return undefined
}
