import { TracksError } from '@track-orchestrator/registry'
import type { FfmpegInput } from '../ffmpeg/input-gate.ts'
import type { Workspace } from '../workspace.ts'

/** How loud something is. */
export interface Loudness {
  /** EBU R 128 integrated. Nothing where there is nothing to hear, or less than its first 0.4 s. */
  readonly integratedLufs?: number
  /** Highest true peak, dBTP. Nothing where every sample is 0. */
  readonly truePeakDb?: number
}

/** What the filter tells of silence, and what is below its absolute gate (EBU Tech 3341 section 2.6: -70 LUFS). */
const gateLufs = -70

/** Measures a whole file (ffmpeg manual, "ebur128"). `asBothSides`: its one channel is to be heard on both sides. Memory is flat. */
export async function measureLoudness(
  workspace: Workspace,
  input: FfmpegInput,
  options: { readonly asBothSides?: boolean; readonly durationSeconds?: number; readonly from?: number; readonly to?: number } = {},
): Promise<Loudness> {
  const { asBothSides = false, ...progress } = options
  const { stderr } = await workspace.ffmpeg(
    {
      what: 'measure the loudness',
      inputs: [input],
      options: ['-map', '0:a:0', '-af', `ebur128=peak=true:framelog=verbose${asBothSides ? ':dualmono=true' : ''}`],
      logLevel: 'info',
    },
    progress,
  )
  const summary = stderr.slice(stderr.findLastIndex((line) => line.includes('Summary:'))).join('\n')
  const integrated = /\bI:\s+(\S+) LUFS/.exec(summary)?.[1]
  const peak = /\bPeak:\s+(\S+) dBFS/.exec(summary)?.[1]
  if (integrated === undefined || peak === undefined) {
    throw new TracksError('ffmpeg did not tell the loudness', { code: 'media/ffmpeg_failed', retryable: false })
  }
  return {
    ...(Number(integrated) > gateLufs && { integratedLufs: Number(integrated) }),
    ...(Number.isFinite(Number(peak)) && { truePeakDb: Number(peak) }),
  }
}
