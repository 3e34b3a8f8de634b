import { open, type FileHandle } from 'node:fs/promises'
import { pcmBytes, wavHeader, wavHeaderBytes } from '../wav-file.ts'

/** A WAV file that grows from front to back while clips are laid on it. */
export interface TimelineWriter {
  /** Mixes a clip in, from this sample on. Clips come in the order of their starts: what lies before one is final. */
  add(samples: Int16Array, start: number): Promise<void>
  /** Ends the file after so many samples, with silence or by cutting; default: with the last clip. Gives its length in samples. */
  finish(sampleCount?: number): Promise<number>
  /** Closes the file, finished or not. */
  close(): Promise<void>
}

/** Everything is written at half its loudness, so that two voices at once need not be clipped. */
const headroom = 0.5
/** What to raise a timeline by so that it is as loud as its clips, in decibels. */
export const headroomDb = 6
/** Silence is written in pieces of this many samples. */
const zeros = new Int16Array(1 << 16)

/**
 * Writes clips onto one timeline, 16-bit PCM of one channel, at half their loudness. It holds no more of it in memory than the clips
 * that sound together, however long the whole is.
 */
export async function createTimelineWriter(path: string, sampleRateHz: number): Promise<TimelineWriter> {
  const file = await open(path, 'w')
  await writeAll(file, Buffer.alloc(wavHeaderBytes))
  let written = 0
  /** What sounds from `written` on, and may still be added to. */
  let pending = new Int32Array()

  const advance = async (to: number) => {
    const final = pending.subarray(0, Math.max(0, to - written))
    pending = pending.slice(final.length)
    await writeAll(file, pcmBytes(toSamples(final)))
    written += final.length
    while (written < to) {
      const silence = zeros.subarray(0, to - written)
      await writeAll(file, pcmBytes(silence))
      written += silence.length
    }
  }

  return {
    async add(samples, start) {
      if (start < written) throw new RangeError(`A clip at sample ${start} comes after one at ${written}`)
      await advance(start)
      if (samples.length > pending.length) {
        const longer = new Int32Array(samples.length)
        longer.set(pending)
        pending = longer
      }
      for (let index = 0; index < samples.length; index++) pending[index] = (pending[index] ?? 0) + (samples[index] ?? 0)
    },
    async finish(sampleCount = written + pending.length) {
      await advance(sampleCount)
      await file.write(wavHeader(written, sampleRateHz), 0, wavHeaderBytes, 0)
      return written
    },
    close: () => file.close(),
  }
}

function toSamples(sums: Int32Array): Int16Array {
  const samples = new Int16Array(sums.length)
  for (let index = 0; index < sums.length; index++) {
    samples[index] = Math.max(-32_768, Math.min(32_767, Math.round((sums[index] ?? 0) * headroom)))
  }
  return samples
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at)
    at += bytesWritten
  }
}
