import { transcodeVideoSegment, type VideoFacts, type VideoPart } from '@track-orchestrator/registry/media'
import { requireVideo } from '../ffmpeg/probe-media.ts'
import { isMadeBy } from '../kept-facts.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools, type MediaTools } from '../media-tools.ts'
import { openMedium } from '../open-medium.ts'
import { clearDisplayMatrix } from '../video/mp4-index.ts'
import { frameOptions, trackTimescale } from '../video/frame-options.ts'
import { requireFrames } from '../video/frames-lost.ts'
import { colourOptions, encodedFilters, encodedFormat, hdrTreatment } from '../video/picture-filters.ts'
import { joinedNotes, pictureNotes, sizeChangesNote } from '../video/picture-notes.ts'
import { stillTime } from '../video/still-times.ts'
import { withWorkspace, type Workspace } from '../workspace.ts'

/** Makes H.264 of one part and counts its frames. */
export function createTranscodeVideoSegmentHandler(options: MediaOptions): MediaHandler<typeof transcodeVideoSegment> {
  const tools = mediaTools('createTranscodeVideoSegmentHandler', options)
  return handlerOf(transcodeVideoSegment, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { part, video } = input
      const treatment = hdrTreatment(video, tools.ffmpeg)
      const output = 'part.mp4'
      const encode = async ({ url, frames }: Pick<VideoPart, 'url' | 'frames'>, times: 'told' | 'counted' = 'told') => {
        const { path, stream } = await openPart(tools, workspace, url)
        const filters = [...(times === 'counted' ? [`setpts=N/(${video.frameRate})/TB`] : []), ...rangeFilters(frames), ...encodedFilters(video, input.outputHeight, treatment), ...stillFilters(part, video)]
        const { frameCount = 0, pictureSizes = [] } = await workspace.ffmpeg(
          {
            what: `make H.264 of part ${part.index}`,
            inputs: [{ path, options: ['-noautorotate'] }],
            options: [
              ...['-map', `0:v:${stream}`, '-vf', filters.join(','), '-an', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'],
              ...frameOptions(video, tools.ffmpeg.supportsFpsMode),
              // How long the only picture of a file lasts is guessed, and then filled.
              ...(part.frameCount === 1 ? ['-frames:v', '1'] : []),
              ...['-c:v', 'libx264', '-preset', input.preset, '-crf', String(input.crf), '-pix_fmt', encodedFormat(treatment), ...colourOptions(video, treatment)],
              ...['-threads', String(part.frameCount === video.frameCount ? 0 : tools.encoderThreads)],
              ...['-video_track_timescale', String(trackTimescale), '-f', 'mp4'],
            ],
            output,
            watchSizes: true,
          },
          { durationSeconds: part.durationSeconds, to: 0.95 },
        )
        // The filters have turned the picture, but the file made says what the one read does.
        await clearDisplayMatrix(workspace.path(output))
        return { frameCount, changesSize: pictureSizes.some((size) => size !== `${video.width}x${video.height}`) }
      }

      const { frames: _, whole, still: __, ...plain } = part
      let made = await encode(part)
      const isWrong = () => made.frameCount !== part.frameCount
      const isRefused = isWrong() && whole !== undefined
      if (isRefused) made = await encode({ url: whole.url, frames: whole })
      // On an even grid the times are known: an old ffmpeg misreads those of some fragments, and then leaves pictures out and doubles others.
      const isCounted = isWrong() && !video.variableFrameRate && part.still !== true
      if (isCounted) made = await encode(part, 'counted')
      requireFrames(`Part ${part.index}`, part.frameCount, made.frameCount)
      const { durationSeconds } = part
      const file = await workspace.store(workspace.path(output), { format: 'mp4', contentType: 'video/mp4', durationSeconds, number: String(part.index).padStart(3, '0') })
      const said = [...(isRefused ? [wholeNote] : []), ...(made.changesSize ? [sizeChangesNote] : [])]
      return { part: { ...plain, url: file.url }, files: [file], ...joinedNotes(pictureNotes(video, treatment), said) }
    }),
  )
}

/** A part that split_video has cut holds one stream, the picture; any other file is let in like every medium. */
async function openPart(tools: MediaTools, workspace: Workspace, url: string): Promise<{ path: string; stream: number }> {
  if (isMadeBy('split_video', tools.storage.keyOf(url))) return { path: await workspace.open(url), stream: 0 }
  const { path, stream } = await openMedium(tools, workspace, url, requireVideo)
  return { path, stream: stream.index }
}

const wholeNote = 'Some parts cannot be decoded without what lay before them in the video: these were taken out of the whole of it.'

function rangeFilters(frames: VideoPart['frames']): string[] {
  return frames ? [`trim=start_frame=${frames.first}:end_frame=${frames.end}`, 'setpts=PTS-STARTPTS'] : []
}

/** The one picture again and again (ffmpeg manual, "loop"). */
function stillFilters({ still, frameCount, durationSeconds }: VideoPart, video: VideoFacts): string[] {
  if (still !== true) return []
  return [`loop=loop=${frameCount - 1}:size=1:start=0`, `settb=1/${trackTimescale}`, `setpts='(${stillTime('N', frameCount, durationSeconds, video)})/TB'`]
}
