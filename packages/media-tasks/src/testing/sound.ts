import { writeFile } from 'node:fs/promises'
import { pcmSamples, wavFile } from '../wav-file.ts'
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts'
import { streamFfmpeg } from '../ffmpeg/stream-ffmpeg.ts'

export interface ToneOptions {
  readonly seconds: number
  /** Silence before and after. Default 0. */
  readonly leadSeconds?: number
  readonly tailSeconds?: number
  /** Default 440. */
  readonly hertz?: number
  /** Of 32,767. Default 8,000. */
  readonly amplitude?: number
  /** Default 16,000. */
  readonly rate?: number
}

/** A tone between two silences. */
export function tone({ seconds, leadSeconds = 0, tailSeconds = 0, hertz = 440, amplitude = 8_000, rate = 16_000 }: ToneOptions): Int16Array {
  const [lead, length, tail] = [leadSeconds, seconds, tailSeconds].map((part) => Math.round(part * rate)) as [number, number, number]
  const samples = new Int16Array(lead + length + tail)
  for (let place = 0; place < length; place++) samples[lead + place] = Math.round(amplitude * Math.cos((2 * Math.PI * hertz * place) / rate))
  return samples
}

/** Writes a tone as a WAV file of one channel. */
export async function writeTone(path: string, options: ToneOptions): Promise<void> {
  await writeFile(path, wavFile(tone(options), options.rate ?? 16_000))
}

/** What a player would hear of a file: 16-bit PCM, one channel. */
export async function hear(ffmpeg: Ffmpeg, path: string, rate = 48_000): Promise<Int16Array> {
  const options = ['-map', '0:a:0', '-ac', '1', '-ar', String(rate), '-c:a', 'pcm_s16le', '-f', 's16le']
  const { stdout, done } = streamFfmpeg(ffmpeg, { what: 'decode the sound', inputs: [{ path }], options })
  const chunks: Buffer[] = []
  for await (const chunk of stdout) chunks.push(chunk as Buffer)
  await done
  return pcmSamples(Buffer.concat(chunks))
}

/** When sounds begin, to half a millisecond: above a twentieth of the loudest, after so much that was below. */
export function onsets(samples: Int16Array, rate = 48_000, quietSeconds = 0.1): number[] {
  const grain = Math.round(rate / 2_000)
  const threshold = samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0) / 20
  const found: number[] = []
  let quietSince = -Infinity
  for (let at = 0; at < samples.length; at += grain) {
    let peak = 0
    for (let place = at; place < Math.min(samples.length, at + grain); place++) peak = Math.max(peak, Math.abs(samples[place] ?? 0))
    if (peak < threshold) continue
    if (at - quietSince >= quietSeconds * rate) found.push(at / rate)
    quietSince = at + grain
  }
  return found
}
