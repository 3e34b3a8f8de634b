import { basename } from 'node:path'
import type { MediaFacts } from '@track-orchestrator/registry/media'
import { measureVideo, requireTimes, type VideoTiming } from './ffmpeg/measure-video.ts'
import { probeMedia, requireLimits } from './ffmpeg/probe-media.ts'
import type { MediaTools } from './media-tools.ts'
import type { Workspace } from './workspace.ts'

/** A medium that has been let in. */
export interface OpenMedium {
  readonly path: string
  readonly facts: MediaFacts
  /** What the packets of one of its video streams say. */
  readonly measure: (stream: MediaFacts['video'][number]) => Promise<VideoTiming>
}

/**
 * Opens a medium and finds out what it holds: from what an earlier step has kept beside it, else by probing it. Limits hold in either case.
 * Throws what `open`, `probeMedia` and `measureVideo` throw.
 */
export async function openMedium({ ffmpeg, limits }: Pick<MediaTools, 'ffmpeg' | 'limits'>, workspace: Workspace, url: string): Promise<OpenMedium> {
  const options = { signal: workspace.signal, limits }
  const path = await workspace.open(url)
  const known = await workspace.known(url, path)
  if (known) requireLimits(limits, basename(path), known.facts)
  const facts = known?.facts ?? (await probeMedia(ffmpeg, path, options))
  return {
    path,
    facts,
    async measure(stream) {
      if (known?.timing === undefined || known.stream !== stream.index) return measureVideo(ffmpeg, path, stream, options)
      requireTimes(known.timing.times, limits)
      return known.timing
    },
  }
}
