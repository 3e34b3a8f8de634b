import { open, writeFile } from 'node:fs/promises'
import { TerminalError } from '@track-orchestrator/registry'
import type { FfmpegInput } from '../ffmpeg/input-gate.ts'
import { probeMedia, requireAudio } from '../ffmpeg/probe-media.ts'
import { streamFfmpeg } from '../ffmpeg/stream-ffmpeg.ts'
import type { MediaTools } from '../media-tools.ts'
import type { Workspace } from '../workspace.ts'
import { pcmBytes, pcmSamples, readPlainWav } from '../wav-file.ts'

type Tools = Pick<MediaTools, 'ffmpeg' | 'limits'>

/** A clip is held in memory. No cue is spoken for longer. */
const longestClipSeconds = 600

/** A clip in memory. `isPlain`: the file holds it just so. */
export interface ReadSound {
  readonly samples: Int16Array
  readonly isPlain: boolean
}

/** The sound of a clip as 16-bit PCM, one channel, at this sample rate: read as it is where it fits, else by ffmpeg. Throws `media/too_long` over 10 minutes. */
export async function readSound(tools: Tools, path: string, sampleRateHz: number, signal: AbortSignal): Promise<ReadSound> {
  const plain = await readPlainWav(path)
  if (plain?.sampleRateHz === sampleRateHz) {
    refuseLong(plain.sampleCount / sampleRateHz)
    const file = await open(path, 'r')
    try {
      const bytes = Buffer.alloc(plain.sampleCount * 2)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, plain.firstByte)
      return { samples: pcmSamples(bytes.subarray(0, bytesRead)), isPlain: true }
    } finally {
      await file.close()
    }
  }
  const facts = await probeMedia(tools.ffmpeg, path, { signal, limits: tools.limits })
  const { index } = requireAudio(facts)
  refuseLong(facts.durationSeconds ?? 0)
  // A header may say less than there is.
  const some = ['-t', String(longestClipSeconds + 1)]
  const samples = await decode(tools, 'read a clip', { path }, ['-map', `0:a:${index}`, '-vn', ...some, '-ac', '1', '-ar', String(sampleRateHz)], signal)
  refuseLong(samples.length / sampleRateHz)
  return { samples, isPlain: false }
}

function refuseLong(seconds: number): void {
  if (seconds <= longestClipSeconds) return
  throw new TerminalError(`A clip is ${Math.round(seconds)} s long; the limit for one is ${longestClipSeconds} s`, { code: 'media/too_long' })
}

/** The clip played faster by the factor, 1 to 2, at the same pitch (ffmpeg manual, "atempo"). Up to 7 ms longer or shorter than asked for. */
export async function playFaster(
  tools: Tools,
  workspace: Pick<Workspace, 'path' | 'signal'>,
  clip: { readonly samples: Int16Array; readonly sampleRateHz: number; readonly name: string },
  factor: number,
): Promise<Int16Array> {
  const path = workspace.path(`${clip.name}.pcm`)
  await writeFile(path, pcmBytes(clip.samples))
  const options = ['-f', 's16le', '-ar', String(clip.sampleRateHz), '-ac', '1']
  return decode(tools, 'play a clip faster', { path, formats: ['s16le'], options }, ['-af', `atempo=${factor.toFixed(6)}`], workspace.signal)
}

async function decode({ ffmpeg, limits }: Tools, what: string, input: FfmpegInput, options: readonly string[], signal: AbortSignal): Promise<Int16Array> {
  const { stdout, done } = streamFfmpeg(ffmpeg, { what, inputs: [input], options: [...options, '-c:a', 'pcm_s16le', '-f', 's16le'] }, { signal, memoryBytes: limits.memoryBytes })
  const chunks: Buffer[] = []
  for await (const chunk of stdout) chunks.push(chunk as Buffer)
  await done
  return pcmSamples(Buffer.concat(chunks))
}
