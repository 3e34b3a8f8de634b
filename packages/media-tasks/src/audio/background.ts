import type { MediaTools } from '../media-tools.ts'
import type { Workspace } from '../workspace.ts'
import { planExtraction } from './extraction.ts'
import { openSound } from './open-sound.ts'

/** The sound of a medium as a WAV file, on the clock of its pictures where it has any. Throws `media/no_audio` and what `probeMedia` throws. */
export async function extractBackground(tools: Pick<MediaTools, 'ffmpeg' | 'limits'>, workspace: Workspace, url: string): Promise<string> {
  const { path, stream, clock } = await openSound(tools, workspace, url)
  const { options } = planExtraction(stream, clock, { url, format: 'wav', sampleRateHz: 48_000, channels: 2, bitrateKbps: 192 })
  const output = 'background.wav'
  await workspace.ffmpeg({ what: 'take out the background', inputs: [{ path }], options, output }, { to: 0.2 })
  return workspace.path(output)
}

/** The sound beneath the new one. */
export interface Bed {
  /** A factor, 0 to 1. */
  readonly volume: number
  /** By how much it makes way while the new one sounds. */
  readonly duckDb: number
  /** How long the whole is. */
  readonly durationSeconds: number
}

/** As loud as a voice is that was brought to -16 LUFS, and how much of what is above the threshold the highest ratio (20) takes away. */
const [voiceDb, taken] = [-20, 19 / 20]
const thresholdOf = (duckDb: number): string => (10 ** ((voiceDb - duckDb / taken) / 20)).toFixed(6)

/**
 * A filter graph that lays the second sound beneath the first, and down while the first sounds (ffmpeg manual, "sidechaincompress"):
 * what ends up in `[sound]` is exactly so long. `amix` halves what it adds, which builds before 4.4 cannot be told not to do.
 */
export function duckingGraph(voice: string, background: string, { volume, duckDb, durationSeconds }: Bed): string {
  const exactly = `aresample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo,apad,atrim=end=${durationSeconds.toFixed(6)}`
  return [
    `[${voice}]${exactly},asplit=2[voice][key]`,
    `[${background}]${exactly},volume=${volume.toFixed(4)}[bed]`,
    duckDb === 0 ? '[key]anullsink;[bed]anull[ducked]' : `[bed][key]sidechaincompress=threshold=${thresholdOf(duckDb)}:ratio=20:attack=20:release=400[ducked]`,
    '[voice][ducked]amix=inputs=2:duration=first,volume=2,alimiter=limit=0.95:attack=1:release=50:level=0[sound]',
  ].join(';')
}
