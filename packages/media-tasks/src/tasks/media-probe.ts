import { mediaProbe } from '@track-orchestrator/registry/media'
import { probeMedia } from '../ffmpeg/probe-media.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { withWorkspace } from '../workspace.ts'

/** Tells what a medium holds, having looked at its headers; one that does not say how long it is, is read to its end. */
export function createMediaProbeHandler(options: MediaOptions): MediaHandler<typeof mediaProbe> {
  const tools = mediaTools('createMediaProbeHandler', options)
  return handlerOf(mediaProbe, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const path = await workspace.open(input.url)
      return probeMedia(tools.ffmpeg, path, { signal: workspace.signal, limits: tools.limits })
    }),
  )
}
