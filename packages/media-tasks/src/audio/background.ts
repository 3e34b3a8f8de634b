import type { MediaTools } from '../media-tools.ts'
import type { Workspace } from '../workspace.ts'
import { planExtraction } from './extraction.ts'
import { openSound } from './open-sound.ts'

/** The sound of a medium as a WAV file, on the clock of its pictures where it has any. Throws `media/no_audio` and what `probeMedia` throws. */
export async function extractBackground(tools: Pick<MediaTools, 'ffmpeg' | 'limits'>, workspace: Workspace, url: string): Promise<string> {
  const { path, stream, video } = await openSound(tools, workspace, url)
  const { options } = planExtraction(stream, video, { url, format: 'wav', sampleRateHz: 48_000, channels: 2, bitrateKbps: 192 })
  const output = 'background.wav'
  await workspace.ffmpeg({ what: 'take out the background', inputs: [{ path }], options, output }, { to: 0.2 })
  return workspace.path(output)
}

/**
 * A filter graph that lays the second sound beneath the first, and down while the first sounds (ffmpeg manual, "sidechaincompress"):
 * what ends up in `[sound]` is exactly so long. `amix` halves what it adds, which builds before 4.4 cannot be told not to do.
 */
export function duckingGraph(voice: string, background: string, volume: number, durationSeconds: number): string {
  const exactly = `aresample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo,apad,atrim=end=${durationSeconds.toFixed(6)}`
  return [
    `[${voice}]${exactly},asplit=2[voice][key]`,
    `[${background}]${exactly},volume=${volume.toFixed(4)}[bed]`,
    '[bed][key]sidechaincompress=threshold=0.01:ratio=8:attack=20:release=400[ducked]',
    '[voice][ducked]amix=inputs=2:duration=first,volume=2,alimiter=limit=0.95:attack=1:release=50:level=0[sound]',
  ].join(';')
}
