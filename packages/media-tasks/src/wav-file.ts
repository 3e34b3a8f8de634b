import { open } from 'node:fs/promises'
import { TerminalError } from '@track-orchestrator/registry'

/** Bytes before the sound in every WAV file we write. */
export const wavHeaderBytes = 44
/** RIFF counts in 32 bits, and its own count includes 36 bytes of the header. */
const mostBytes = 2 ** 32 - 1 - 36

/** The header of a WAV file of 16-bit PCM, one channel. Throws `media/too_long` over 4 GiB: twelve hours at 48 kHz. */
export function wavHeader(sampleCount: number, sampleRateHz: number): Buffer {
  const dataBytes = sampleCount * 2
  if (dataBytes > mostBytes) {
    throw new TerminalError(`${Math.round(sampleCount / sampleRateHz)} s of sound do not fit into a WAV file`, { code: 'media/too_long' })
  }
  const header = Buffer.alloc(wavHeaderBytes)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(dataBytes + 36, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16) // bytes that describe the format
  header.writeUInt16LE(1, 20) // PCM
  header.writeUInt16LE(1, 22) // channels
  header.writeUInt32LE(sampleRateHz, 24)
  header.writeUInt32LE(sampleRateHz * 2, 28) // bytes a second
  header.writeUInt16LE(2, 32) // bytes a sample
  header.writeUInt16LE(16, 34) // bits a sample
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(dataBytes, 40)
  return header
}

/** A whole WAV file. */
export function wavFile(samples: Int16Array, sampleRateHz: number): Buffer {
  return Buffer.concat([wavHeader(samples.length, sampleRateHz), pcmBytes(samples)])
}

/** The samples as bytes, not copied. (Little-endian, as every machine that Node.js is built for but IBM's z.) */
export function pcmBytes(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
}

/** The samples in bytes. An odd byte at the end is no sample. */
export function pcmSamples(bytes: Uint8Array): Int16Array {
  const even = bytes.byteLength - (bytes.byteLength % 2)
  if (bytes.byteOffset % 2 === 0) return new Int16Array(bytes.buffer, bytes.byteOffset, even / 2)
  return new Int16Array(bytes.slice(0, even).buffer)
}

/** What a voice is recorded with, from telephone to studio. A header may say anything. */
const lowestRateHz = 8_000
const highestRateHz = 192_000

/** Where the sound lies in a WAV file. */
export interface PlainWav {
  readonly sampleRateHz: number
  readonly sampleCount: number
  readonly firstByte: number
}

/** The facts of a WAV file that holds 16-bit PCM of one channel; nothing for anything else, which ffmpeg may then look at. */
export async function readPlainWav(path: string): Promise<PlainWav | undefined> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const head = Buffer.alloc(Math.min(size, 4_096))
    await file.read(head, 0, head.length, 0)
    if (head.length < wavHeaderBytes || head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return undefined
    let sampleRateHz: number | undefined
    for (let at = 12; at + 8 <= head.length; ) {
      const [name, bytes, body] = [head.toString('latin1', at, at + 4), head.readUInt32LE(at + 4), at + 8]
      if (name === 'fmt ' && body + 16 <= head.length) {
        const isPlain = head.readUInt16LE(body) === 1 && head.readUInt16LE(body + 2) === 1 && head.readUInt16LE(body + 14) === 16
        const rate = head.readUInt32LE(body + 4)
        sampleRateHz = isPlain && rate >= lowestRateHz && rate <= highestRateHz ? rate : undefined
      }
      if (name === 'data') {
        // Who wrote it as a stream could not know its length, and wrote the largest one.
        return sampleRateHz === undefined ? undefined : { sampleRateHz, sampleCount: Math.floor(Math.min(bytes, size - body) / 2), firstByte: body }
      }
      at = body + bytes + (bytes % 2)
    }
    return undefined
  } finally {
    await file.close()
  }
}
