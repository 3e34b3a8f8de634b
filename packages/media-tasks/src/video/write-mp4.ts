import { TracksError } from '@track-orchestrator/registry'
import type { FfmpegCommand, FfmpegResult } from '../ffmpeg/run-ffmpeg.ts'
import type { Workspace } from '../workspace.ts'
import { trackTimescale } from './frame-options.ts'

/** How much the index of an MP4 will list. */
export interface Mp4Extent {
  readonly frameCount: number
  readonly variableFrameRate: boolean
  /** Of AAC at 48 kHz. Default 0, none. */
  readonly soundSeconds?: number
  /** Default 0. */
  readonly subtitleCount?: number
}

/**
 * Has ffmpeg write an MP4 whose index stands before its media, so that it can be played while it is fetched. Room is left for the index, and
 * all of it is written once; `+faststart` would write everything a second time, and is used only where the room did not suffice.
 */
export async function writeMp4(workspace: Workspace, command: FfmpegCommand, extent: Mp4Extent, progress: Parameters<Workspace['ffmpeg']>[1]): Promise<FfmpegResult> {
  const run = (how: readonly string[]) =>
    workspace.ffmpeg({ ...command, options: [...command.options, '-video_track_timescale', String(trackTimescale), ...how, '-f', 'mp4'] }, progress)
  const written = await run(['-moov_size', String(indexRoom(extent))]).catch((error: unknown) => {
    if (!TracksError.is(error) || !error.message.includes(tooSmall)) throw error
    return undefined
  })
  // Builds before 6 end as if nothing were wrong where they cannot write the index.
  return written && !written.stderr.some((line) => line.includes(tooSmall)) ? written : run(['-movflags', '+faststart'])
}

const tooSmall = 'reserved_moov_size is too small'

/** Packets of AAC a second, 1,024 samples each. */
const soundPackets = 48_000 / 1_024

/**
 * Bytes that an index takes, and some more: for each frame its size and when it is shown, for each packet of sound its size; and, where they
 * lie between each other, for each such piece where it is and how many it holds (ISO/IEC 14496-12 section 8.7).
 */
function indexRoom({ frameCount, variableFrameRate, soundSeconds = 0, subtitleCount = 0 }: Mp4Extent): number {
  const packets = Math.ceil(soundSeconds * soundPackets)
  const pieces = Math.min(frameCount, packets)
  return frameCount * (variableFrameRate ? 20 : 12) + packets * 4 + pieces * 20 + subtitleCount * 100 + 8_192
}
