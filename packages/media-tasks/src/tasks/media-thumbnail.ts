import { stat } from 'node:fs/promises'
import { TracksError } from '@track-orchestrator/registry'
import { mediaThumbnail } from '@track-orchestrator/registry/media'
import { parseFraction } from '../ffmpeg/frame-rate.ts'
import { measureVideo } from '../ffmpeg/measure-video.ts'
import { requireVideo } from '../ffmpeg/probe-media.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { openMedium } from '../open-medium.ts'
import { hdrTreatment, pictureFilters } from '../video/picture-filters.ts'
import { uprightSize } from '../video/upright.ts'
import { withWorkspace } from '../workspace.ts'

const encoders = {
  // 2 to 31, lower is better (ffmpeg manual, "Main options", -q).
  jpeg: { options: ['-c:v', 'mjpeg', '-q:v', '3', '-pix_fmt', 'yuvj420p'], contentType: 'image/jpeg' },
  png: { options: ['-c:v', 'png'], contentType: 'image/png' },
} as const

const defaultWidth = 640

/** Takes one picture, upright. Only where there is none at the moment asked for, the whole file is read to find the last one. */
export function createMediaThumbnailHandler(given: MediaOptions): MediaHandler<typeof mediaThumbnail> {
  const tools = mediaTools('createMediaThumbnailHandler', given)
  return handlerOf(mediaThumbnail, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { signal } = workspace
      const { path, facts } = await openMedium(tools, workspace, input.url, () => undefined)
      const stream = requireVideo(facts)
      const upright = uprightSize(stream)
      const width = input.width ?? Math.min(defaultWidth, upright.width)
      const height = Math.max(1, Math.round((upright.height * width) / upright.width))
      const { options, contentType } = encoders[input.format]
      const treatment = hdrTreatment(stream, tools.ffmpeg)
      const filters = pictureFilters(stream, { width, height }, treatment, treatment === undefined ? 'yuv444p' : 'yuv444p10le')
      const output = `picture.${input.format}`
      const frameSeconds = 1 / (parseFraction(stream.frameRate) ?? 25)
      const fileStart = Math.min(...facts.video.map((each) => each.startSeconds), ...facts.audio.map((each) => each.startSeconds))
      const lead = stream.startSeconds - fileStart // -ss counts from the file's start, we from the first picture
      // By default ffmpeg leaps there; else it decodes all that lies before.
      const take = async (atSeconds: number, how: 'leap' | 'decode' = 'leap'): Promise<boolean> => {
        // ffmpeg takes the first frame from there on: most of a frame earlier, that is the one which is being shown.
        const seek = ['-ss', Math.max(0, lead + atSeconds - 0.6 * frameSeconds).toFixed(6)]
        await workspace.ffmpeg({
          what: 'take a picture',
          inputs: [{ path, options: ['-noautorotate', ...(how === 'leap' ? seek : [])] }],
          options: [
            ...(how === 'decode' ? seek : []),
            ...['-map', `0:v:${stream.index}`, '-frames:v', '1', '-an', '-sn', '-dn', '-map_metadata', '-1'],
            ...['-vf', filters.join(','), ...options, '-f', 'image2pipe'],
          ],
          output,
        })
        return stat(workspace.path(output)).then(({ size }) => size > 0, () => false) // prettier-ignore
      }

      let atSeconds = input.atSeconds ?? (stream.durationSeconds ?? facts.durationSeconds ?? 0) / 10
      if (!(await take(atSeconds))) {
        const timing = await measureVideo(tools.ffmpeg, path, stream, { signal, limits: tools.limits })
        atSeconds = timing.times.findLast((time) => time <= atSeconds) ?? 0
        // A transport stream has no index: where ffmpeg leaps behind its only keyframe, nothing can be decoded.
        if (!(await take(atSeconds)) && !(await take(atSeconds, 'decode'))) {
          throw new TracksError('The video has no picture that could be taken', { code: 'media/no_video', retryable: false })
        }
      }
      const file = await workspace.store(workspace.path(output), { format: input.format, contentType })
      return { imageUrl: file.url, files: [file], width, height, atSeconds }
    }),
  )
}
