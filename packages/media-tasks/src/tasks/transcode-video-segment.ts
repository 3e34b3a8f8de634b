import { transcodeVideoSegment, type VideoFacts, type VideoPart } from '@track-orchestrator/registry/media'
import { probeMedia, requireVideo } from '../ffmpeg/probe-media.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { requireFrames } from '../video/frames-lost.ts'
import { colourOptions, hdrTreatment, pictureFilters } from '../video/picture-filters.ts'
import { joinedNotes, pictureNotes, sizeChangesNote } from '../video/picture-notes.ts'
import { encodedSize } from '../video/upright.ts'
import { withWorkspace } from '../workspace.ts'

/** Ticks a second of every MP4 track we make: a multiple of all usual frame rates. */
export const trackTimescale = 90_000

/** Makes H.264 of one part and counts its frames. */
export function createTranscodeVideoSegmentHandler(options: MediaOptions): MediaHandler<typeof transcodeVideoSegment> {
  const tools = mediaTools('createTranscodeVideoSegmentHandler', options)
  return handlerOf(transcodeVideoSegment, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { part, video } = input
      const { signal } = workspace
      const path = await workspace.open(part.url)
      const stream = requireVideo(await probeMedia(tools.ffmpeg, path, { signal, limits: tools.limits }))
      const treatment = hdrTreatment(video, tools.ffmpeg)
      const pixelFormat = treatment === 'kept' ? 'yuv420p10le' : 'yuv420p'
      const filters = [...rangeFilters(part), ...evenFilters(video), ...pictureFilters(video, encodedSize(video, input.outputHeight), treatment), `format=${pixelFormat}`]
      const output = 'part.mp4'
      const { frameCount = 0 } = await workspace.ffmpeg(
        {
          what: `make H.264 of part ${part.index}`,
          inputs: [{ path, options: ['-noautorotate'] }],
          options: [
            ...['-map', `0:v:${stream.index}`, '-vf', filters.join(','), '-an', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'],
            ...frameOptions(video, tools.ffmpeg.supportsFpsMode),
            ...['-c:v', 'libx264', '-preset', input.preset, '-crf', String(input.crf), '-pix_fmt', pixelFormat, ...colourOptions(video, treatment)],
            ...['-threads', String(part.frameCount === video.frameCount ? 0 : tools.encoderThreads)],
            ...['-video_track_timescale', String(trackTimescale), '-f', 'mp4'],
          ],
          output,
        },
        { durationSeconds: part.durationSeconds, to: 0.95 },
      )

      const advice = part.frames ? '' : 'If the video refers across its keyframes (an open GOP), split it in "exact" mode.'
      requireFrames(`Part ${part.index}`, part.frameCount, frameCount, advice)
      const { durationSeconds } = part
      const file = await workspace.store(workspace.path(output), { format: 'mp4', contentType: 'video/mp4', durationSeconds, number: String(part.index).padStart(3, '0') })
      const { frames: _, ...whole } = part
      const changes = stream.width !== video.width || stream.height !== video.height ? [sizeChangesNote] : []
      return { part: { ...whole, url: file.url }, files: [file], ...joinedNotes(pictureNotes(video, treatment), changes) }
    }),
  )
}

/**
 * Every frame on the even grid, or each at its own time (ffmpeg manual, "Advanced Video options": -fps_mode, -enc_time_base).
 * Builds before 5.1 may end the MP4's edit list at the start of the last frame, which hides it, unless frames are stored in the order they are shown.
 */
function frameOptions({ variableFrameRate, frameRate }: VideoFacts, supportsFpsMode: boolean): string[] {
  const mode = supportsFpsMode ? '-fps_mode' : '-vsync'
  if (!variableFrameRate) return [mode, 'cfr', '-r', frameRate]
  return [mode, 'passthrough', '-enc_time_base', `1:${trackTimescale}`, ...(supportsFpsMode ? [] : ['-bf', '0'])]
}

function rangeFilters({ frames }: VideoPart): string[] {
  return frames ? [`trim=start_frame=${frames.first}:end_frame=${frames.end}`, 'setpts=PTS-STARTPTS'] : []
}

/** Odd sizes lose a row or a column, so that no other is blurred. Nothing where the picture is scaled anyway. */
function evenFilters({ pixelAspect }: VideoFacts): string[] {
  return pixelAspect === undefined ? ['crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0'] : []
}
