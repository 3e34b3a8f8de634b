import { TerminalError } from '@track-orchestrator/registry'
import type { MediaFacts } from '@track-orchestrator/registry/media'
import type { VideoTiming } from '../ffmpeg/measure-video.ts'
import { requireVideo } from '../ffmpeg/probe-media.ts'
import type { MediaTools } from '../media-tools.ts'
import { openMedium } from '../open-medium.ts'
import type { Workspace } from '../workspace.ts'

/** A video that has been let in, with what its packets say. */
export interface OpenVideo {
  readonly path: string
  readonly facts: MediaFacts
  readonly stream: MediaFacts['video'][number]
  readonly timing: VideoTiming
  /** What was done to the medium before anything else, for a person. */
  readonly notes?: readonly string[] | undefined
}

/** The packets may end this much before the header's duration, in seconds: containers round, and the last frame may be short. */
const slackSeconds = 1.5

/** Opens, probes and measures a video. Throws what `open` and `probeMedia` throw, `media/no_video`, and `media/truncated`. */
export async function openVideo(tools: Pick<MediaTools, 'ffmpeg' | 'limits'>, workspace: Workspace, url: string): Promise<OpenVideo> {
  const { path, facts, stream, timing, notes } = await openMedium(tools, workspace, url, requireVideo)
  if (timing.frameCount === 0) throw new TerminalError('The file names a video stream, but there is no picture in it', { code: 'media/no_video' })
  const announced = stream.durationSeconds ?? 0
  const end = Math.max(0, stream.startSeconds) + timing.durationSeconds
  if (announced > Math.max(end, timing.durationSeconds) + slackSeconds) {
    throw new TerminalError(
      `The video is cut short: its header says ${announced.toFixed(1)} s, and its pictures end after ${timing.durationSeconds.toFixed(1)} s`,
      { code: 'media/truncated' },
    )
  }
  return { path, facts, stream, timing, notes }
}
