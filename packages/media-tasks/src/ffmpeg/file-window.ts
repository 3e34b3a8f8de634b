import type { FileHandle } from 'node:fs/promises'
import { throwIfStopped } from './stop.ts'

/** Bytes that can be looked at from anywhere. What lies beyond the end is zero. */
export interface ByteSource {
  readonly size: number
  /** So many bytes from there, at most 64 KiB; already there (no promise) where they lie near to what was read before. Do not change them. */
  read(position: number, length: number): Buffer | Promise<Buffer>
}

const windowBytes = 64 * 1_024

/** A file, read 64 KiB at a time: looking from place to place, forward, costs one read for each 64 KiB at most. Throws the signal's reason. */
export function fileWindow(file: FileHandle, size: number, signal?: AbortSignal): ByteSource {
  let window = Buffer.alloc(0)
  let start = 0
  const load = async (position: number, length: number) => {
    throwIfStopped(signal)
    window = Buffer.alloc(windowBytes) // zeroes after the end of the file
    start = position
    for (let at = 0; at < windowBytes; ) {
      const { bytesRead } = await file.read(window, at, windowBytes - at, position + at)
      if (bytesRead === 0) break
      at += bytesRead
    }
    return window.subarray(0, length)
  }
  return {
    size,
    read(position, length) {
      const at = position - start
      return at >= 0 && at + length <= window.length ? window.subarray(at, at + length) : load(position, length)
    },
  }
}

/** Bytes in memory. */
export function bufferWindow(bytes: Buffer): ByteSource {
  return {
    size: bytes.length,
    read: (position, length) => (position + length <= bytes.length ? bytes.subarray(position, position + length) : Buffer.concat([bytes.subarray(position), Buffer.alloc(length)], length)),
  }
}
