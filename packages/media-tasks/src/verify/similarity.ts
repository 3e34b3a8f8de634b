import { TracksError } from '@track-orchestrator/registry'
import type { OutputReport, verifyOutput } from '@track-orchestrator/registry/media'
import type { MediaTools } from '../media-tools.ts'
import type { OpenVideo } from '../video/open-video.ts'
import { encodedFilters, encodedFormat, hdrTreatment } from '../video/picture-filters.ts'
import { encodedSize } from '../video/upright.ts'
import type { Workspace } from '../workspace.ts'

type Encoding = NonNullable<(typeof verifyOutput)['~handler']['input']['compareWithEncode']>

/** How alike the source are the result and one encode of the whole, made here with the same settings (ffmpeg manual, "ssim"). Frame is compared with frame. */
export async function compareWithEncode(
  { ffmpeg }: Pick<MediaTools, 'ffmpeg'>,
  workspace: Workspace,
  source: OpenVideo,
  result: OpenVideo,
  { crf, preset, outputHeight }: Encoding,
): Promise<NonNullable<OutputReport['similarity']>> {
  const { stream, path, timing } = source
  const treatment = hdrTreatment(stream, ffmpeg)
  const filters = encodedFilters(stream, outputHeight, treatment)
  const single = 'single.mp4'
  const { durationSeconds } = timing
  await workspace.ffmpeg(
    {
      what: 'encode the whole at once',
      inputs: [{ path, options: asStored }],
      options: [
        ...['-map', `0:v:${stream.index}`, '-vf', [...filters, evenly(timing.frameRate)].join(','), '-an', '-sn', '-dn', ffmpeg.supportsFpsMode ? '-fps_mode' : '-vsync', 'passthrough'],
        ...['-c:v', 'libx264', '-preset', preset, '-crf', String(crf), '-pix_fmt', encodedFormat(treatment), '-f', 'mp4'],
      ],
      output: single,
    },
    { durationSeconds, from: 0.4, to: 0.7 },
  )
  const { width, height } = encodedSize(stream, outputHeight)
  const likeness = (made: string, index: number, from: number) =>
    similarity(workspace, { path, index: stream.index, filters: [...filters, `scale=${width}:${height}`] }, { path: made, index, filters: [`scale=${width}:${height}`, 'format=yuv420p'] }, { durationSeconds, from, to: from + 0.1 })
  const joined = await likeness(result.path, result.stream.index, 0.7)
  const once = await likeness(workspace.path(single), 0, 0.8)
  return { joined, single: once, difference: Math.abs(joined - once) }
}

interface Compared {
  readonly path: string
  readonly index: number
  readonly filters: readonly string[]
}

/** The filters turn the pictures, and the file that is made of them says no more how. */
const asStored = ['-noautorotate']

/** Frames are told apart by their number: one after the other, whatever their times. The encoder gives more bits to those that last longer. */
const evenly = (frameRate: string) => `setpts=N/(${frameRate})/TB`

async function similarity(workspace: Workspace, source: Compared, made: Compared, progress: { durationSeconds: number; from: number; to: number }): Promise<number> {
  const side = ({ index, filters }: Compared, input: number, name: string) => `[${input}:v:${index}]${[...filters, 'settb=AVTB', evenly('25')].join(',')}[${name}]`
  const graph = [side(made, 0, 'made'), side(source, 1, 'source'), '[made][source]ssim'].join(';')
  const { stderr } = await workspace.ffmpeg({ what: 'compare the pictures', inputs: [made, source].map(({ path }) => ({ path, options: asStored })), options: ['-filter_complex', graph, '-an'], logLevel: 'info' }, progress)
  const all = /\bSSIM\b.*\bAll:([\d.]+)/.exec(stderr.findLast((line) => /\bSSIM\b/.test(line)) ?? '')?.[1]
  if (all === undefined) throw new TracksError('ffmpeg did not tell how alike the pictures are', { code: 'media/ffmpeg_failed', retryable: false })
  return Number(all)
}
