import { open } from 'node:fs/promises'
import type { MediaFacts } from '@track-orchestrator/registry/media'
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts'
import { readPackets } from '../ffmpeg/packets.ts'
import { probeMedia, requireVideo } from '../ffmpeg/probe-media.ts'
import { streamFfmpeg } from '../ffmpeg/stream-ffmpeg.ts'
import { defaultLimits } from '../media-limits.ts'
import { uprightSize } from '../video/upright.ts'
import { readBurntFrame, type BurntFrame } from './burnt-frame.ts'

/** A frame as it was decoded: its own number, and when it is shown. */
export interface DecodedFrame extends BurntFrame {
  readonly seconds: number
}

/** The pictures of a file, decoded. */
export interface DecodedVideo {
  readonly facts: MediaFacts
  readonly frames: readonly DecodedFrame[]
  /** When the last picture ends. */
  readonly endSeconds: number
}

/** Decodes every frame, turned upright as a player would, and reads its number. */
export async function readVideo(ffmpeg: Ffmpeg, path: string): Promise<DecodedVideo> {
  const facts = await probeMedia(ffmpeg, path, { limits: defaultLimits })
  const stream = requireVideo(facts)
  const { width, height } = uprightSize(stream)
  const times: number[] = []
  let endSeconds = 0
  for await (const { ptsSeconds, durationSeconds } of readPackets(ffmpeg, path, `v:${stream.index}`, { limits: defaultLimits })) {
    times.push(ptsSeconds)
    endSeconds = Math.max(endSeconds, ptsSeconds + durationSeconds)
  }
  times.sort((a, b) => a - b)

  const options = ['-map', `0:v:${stream.index}`, '-vsync', 'passthrough', '-pix_fmt', 'gray', '-f', 'rawvideo']
  const { stdout, done } = streamFfmpeg(ffmpeg, { what: 'decode the clip', inputs: [{ path }], options })
  const frames: DecodedFrame[] = []
  const size = width * height
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stdout) {
    rest = Buffer.concat([rest, chunk])
    for (; rest.length >= size; rest = rest.subarray(size)) {
      frames.push({ ...readBurntFrame(rest, width, height), seconds: times[frames.length] ?? Number.NaN })
    }
  }
  await done
  return { facts, frames, endSeconds }
}

const sampleRateHz = 48_000
/** Onsets are told to half a millisecond. */
const grain = sampleRateHz / 2_000

/** When each beep begins, on the clock of the file. */
export async function readBeeps(ffmpeg: Ffmpeg, path: string): Promise<number[]> {
  const options = ['-map', '0:a:0', '-af', 'aresample=async=1:first_pts=0', '-ac', '1', '-ar', String(sampleRateHz), '-f', 's16le']
  const { stdout, done } = streamFfmpeg(ffmpeg, { what: 'decode the sound', inputs: [{ path }], options })
  const chunks: Buffer[] = []
  for await (const chunk of stdout) chunks.push(chunk)
  await done
  const sound = Buffer.concat(chunks)
  const beeps: number[] = []
  let quietUntil = 0
  for (let sample = 0; sample + grain <= sound.length / 2; sample += grain) {
    let peak = 0
    for (let place = sample; place < sample + grain; place++) peak = Math.max(peak, Math.abs(sound.readInt16LE(place * 2)))
    if (peak < 4_000) continue
    if (sample >= quietUntil) beeps.push(sample / sampleRateHz)
    quietUntil = sample + sampleRateHz / 4
  }
  return beeps
}

/** The names of the outermost boxes of an MP4, in order: `moov` before `mdat` means that it plays while it loads. */
export async function readBoxes(path: string): Promise<string[]> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const names: string[] = []
    const head = Buffer.alloc(16)
    for (let at = 0; at < size; ) {
      await file.read(head, 0, 16, at)
      names.push(head.toString('latin1', 4, 8))
      const short = head.readUInt32BE(0)
      at += short === 1 ? Number(head.readBigUInt64BE(8)) : short || size
    }
    return names
  } finally {
    await file.close()
  }
}
