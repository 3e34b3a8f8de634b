import type { Readable } from 'node:stream'
import type { Ffmpeg } from './ffmpeg.ts'
import type { FfprobeOptions } from './run-ffprobe.ts'
import { streamFfmpeg } from './stream-ffmpeg.ts'

/** Sizes of IVF's file header and of the header of each frame, which begins with the frame's size (multimedia.cx, "Duck IVF"). */
const fileHeader = 32
const frameHeader = 12
/** Bit of a VP8 frame's first byte: it is to be shown (RFC 6386 section 9.1). */
const showFrame = 0x10

/**
 * Which packets of a VP8 stream are never shown, by their places from the first keyframe on: frames that others refer to ("altref").
 * No container flag tells them; other codecs pack such frames together with the next one that is shown.
 */
export async function findHiddenVp8Packets(ffmpeg: Ffmpeg, path: string, stream: number, options: FfprobeOptions): Promise<Set<number>> {
  const command = { what: 'read the frames', inputs: [{ path }], options: ['-copyts', '-map', `0:v:${stream}`, '-c', 'copy', '-f', 'ivf'] }
  const { stdout, done } = streamFfmpeg(ffmpeg, command, { ...options, memoryBytes: options.limits.memoryBytes })
  const hidden = new Set<number>()
  let packet = 0
  for await (const firstByte of firstBytes(stdout)) {
    if ((firstByte & showFrame) === 0) hidden.add(packet)
    packet++
  }
  await done
  return hidden
}

/** The first byte of each frame of an IVF stream. Payloads are passed over, whatever their size. */
async function* firstBytes(stream: Readable): AsyncGenerator<number> {
  let kept: Buffer = Buffer.alloc(0)
  let skip = fileHeader
  for await (const chunk of stream) {
    kept = kept.length === 0 ? (chunk as Buffer) : Buffer.concat([kept, chunk as Buffer])
    for (;;) {
      if (skip >= kept.length) break
      if (kept.length - skip <= frameHeader) break
      const size = kept.readUInt32LE(skip)
      if (size > 0) yield kept[skip + frameHeader] ?? 0
      skip += frameHeader + size
    }
    const passed = Math.min(skip, kept.length)
    kept = kept.subarray(passed)
    skip -= passed
  }
}
