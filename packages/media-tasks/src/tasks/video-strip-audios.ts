import { videoStripAudios } from '@track-orchestrator/registry/media'
import { commonClock } from '../audio/common-clock.ts'
import { measureVideo } from '../ffmpeg/measure-video.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { factsOfVideo } from '../video/facts-of-video.ts'
import { requireFrames } from '../video/frames-lost.ts'
import { openVideo, type OpenVideo } from '../video/open-video.ts'
import { joinedNotes } from '../video/picture-notes.ts'
import { withWorkspace } from '../workspace.ts'

/**
 * Copies the picture into Matroska, its first frame at 0. Matroska loses the display matrix: `rotationDegrees` hands it on.
 * Where an edit list hides frames at the beginning, which Matroska cannot, or where frames have no times, the picture is encoded again, near to lossless.
 */
export function createVideoStripAudiosHandler(options: MediaOptions): MediaHandler<typeof videoStripAudios> {
  const tools = mediaTools('createVideoStripAudiosHandler', options)
  return handlerOf(videoStripAudios, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const source = await openVideo(tools, workspace, input.url)
      const { path, stream, timing, facts } = source
      const measuring = { signal: workspace.signal, limits: tools.limits }
      const clock = await commonClock(tools.ffmpeg, path, facts, timing, measuring)
      const output = 'video.mkv'
      await workspace.ffmpeg(
        { what: 'copy the picture', inputs: [{ path, options: clockOptions(source) }], options: copyOptions(source), output },
        { durationSeconds: timing.durationSeconds, to: 0.9 },
      )

      const codec = isCopied(source) ? stream.codec : 'h264'
      const copied = await measureVideo(tools.ffmpeg, workspace.path(output), { index: 0, codec, frameRate: timing.frameRate }, measuring)
      requireFrames('The copied picture', timing.frameCount, copied.frameCount)
      const file = await workspace.store(workspace.path(output), {
        format: 'mkv',
        contentType: 'video/x-matroska',
        durationSeconds: copied.durationSeconds,
      })
      return { videoUrl: file.url, files: [file], ...factsOfVideo(stream, copied, clock), ...joinedNotes(isCopied(source) ? [] : [encodedNote]) }
    }),
  )
}

const encodedNote = 'The video does not tell when its pictures are shown, or hides some: it was encoded once more, near to lossless.'

function isCopied({ timing }: OpenVideo): boolean {
  return timing.cutOffCount === 0 && timing.hasPacketTimes
}

/** The clock is moved by the first picture's time, not by ffmpeg's own idea of the file's start, in which the sound has a say. */
function clockOptions({ timing }: OpenVideo): string[] {
  return ['-noautorotate', '-itsoffset', String(-timing.firstSeconds)]
}

function copyOptions(source: OpenVideo): string[] {
  const { stream } = source
  const only = ['-copyts', '-map', `0:v:${stream.index}`, '-an', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1']
  const codec =
    isCopied(source)
      ? ['-c:v', 'copy']
      : ['-vsync', 'passthrough', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '12', '-force_key_frames', 'expr:gte(t,n_forced*2)']
  return [...only, ...codec, '-f', 'matroska']
}
