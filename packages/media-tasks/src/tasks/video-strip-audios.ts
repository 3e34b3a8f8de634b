import { videoStripAudios } from '@track-orchestrator/registry/media'
import { measureVideo } from '../ffmpeg/measure-video.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { requireFrames } from '../video/frames-lost.ts'
import { openVideo, type OpenVideo } from '../video/open-video.ts'
import { pictureFacts } from '../video/upright.ts'
import { withWorkspace } from '../workspace.ts'

/**
 * Copies the picture into Matroska, its first frame at 0. Matroska loses the display matrix: `rotationDegrees` hands it on.
 * Where an edit list hides frames at the beginning, which Matroska cannot, the picture is encoded again, near to lossless.
 */
export function createVideoStripAudiosHandler(options: MediaOptions): MediaHandler<typeof videoStripAudios> {
  const tools = mediaTools('createVideoStripAudiosHandler', options)
  return handlerOf(videoStripAudios, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const source = await openVideo(tools, workspace, input.url)
      const { path, stream, timing } = source
      const output = 'video.mkv'
      await workspace.ffmpeg(
        { what: 'copy the picture', inputs: [{ path, options: clockOptions(source) }], options: copyOptions(source), output },
        { durationSeconds: timing.durationSeconds, to: 0.9 },
      )

      const codec = timing.cutOffCount === 0 ? stream.codec : 'h264'
      const copied = await measureVideo(tools.ffmpeg, workspace.path(output), { index: 0, codec, frameRate: timing.frameRate }, { signal: workspace.signal, limits: tools.limits })
      requireFrames('The copied picture', timing.frameCount, copied.frameCount)
      const file = await workspace.store(workspace.path(output), {
        format: 'mkv',
        contentType: 'video/x-matroska',
        durationSeconds: copied.durationSeconds,
      })
      const { durationSeconds, frameCount, frameRate, variableFrameRate } = copied
      const { width, height, rotationDegrees } = stream
      return { videoUrl: file.url, files: [file], durationSeconds, frameCount, frameRate, variableFrameRate, width, height, rotationDegrees, ...pictureFacts(stream) }
    }),
  )
}

/** The clock is moved by the first picture's time, not by ffmpeg's own idea of the file's start, in which the sound has a say. */
function clockOptions({ timing }: OpenVideo): string[] {
  return ['-noautorotate', '-itsoffset', String(-timing.firstSeconds)]
}

function copyOptions({ stream, timing }: OpenVideo): string[] {
  const only = ['-copyts', '-map', `0:v:${stream.index}`, '-an', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1']
  const codec =
    timing.cutOffCount === 0
      ? ['-c:v', 'copy']
      : ['-vsync', 'passthrough', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '12', '-force_key_frames', 'expr:gte(t,n_forced*2)']
  return [...only, ...codec, '-f', 'matroska']
}
