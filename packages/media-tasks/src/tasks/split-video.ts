import { readdir } from 'node:fs/promises'
import { TerminalError, TracksError } from '@track-orchestrator/registry'
import { splitVideo, type StoredFile, type VideoFacts, type VideoPart } from '@track-orchestrator/registry/media'
import { commonClock } from '../audio/common-clock.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { fitsMatroska } from '../video/copied-picture.ts'
import { factsOfVideo, withStills } from '../video/facts-of-video.ts'
import { openVideo, type OpenVideo } from '../video/open-video.ts'
import { joinedNotes, timeNotes } from '../video/picture-notes.ts'
import { planExactParts, planKeyframeParts, type PlannedPart } from '../video/plan-parts.ts'
import { pictureFacts } from '../video/upright.ts'
import { withWorkspace, type Workspace } from '../workspace.ts'

/** Cuts a video into parts: copied from keyframe to keyframe, or named as ranges of its frames, without writing anything. */
export function createSplitVideoHandler(options: MediaOptions): MediaHandler<typeof splitVideo> {
  const tools = mediaTools('createSplitVideoHandler', options)
  return handlerOf(splitVideo, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const video = await openVideo(tools, workspace, input.videoUrl)
      const { timing, stream, path } = video
      const { signal } = workspace
      // What an earlier step knows of the video is taken on trust.
      const { leadSeconds = 0, holdSeconds = 0, notes } = input
      const clock = input.durationSeconds === undefined ? await commonClock(tools.ffmpeg, path, video.facts, timing, { signal, limits: tools.limits }) : { leadSeconds, holdSeconds }
      const facts = { ...factsOfVideo(input.rotationDegrees === undefined ? stream : { ...stream, ...withoutPicture, ...pictureFacts(input) }, timing, clock), ...given(input) }
      const own = { ...timing, ...facts, durationSeconds: facts.durationSeconds - clock.leadSeconds - clock.holdSeconds }
      const isCut = input.splitMode !== 'exact' && fitsMatroska(stream)
      const plans = isCut ? planKeyframeParts(own, input) : undefined
      if (!plans) {
        const parts = planExactParts(own, input).map((plan, index) => ({
          ...partOf(plan, index, input.videoUrl),
          frames: { first: plan.firstFrame, end: plan.firstFrame + plan.frameCount },
        }))
        const said = input.splitMode === 'exact' ? [] : [isCut ? exactNote : unfitNote]
        return { ...facts, parts: withStills(parts, facts), files: [], ...joinedNotes(notes, said, timeNotes(facts)) }
      }

      const paths = await cut(workspace, video, plans)
      const files: StoredFile[] = []
      const parts: VideoPart[] = []
      const stored = workspace.progress.counter('store the parts', 'parts', { from: 0.5 })
      for (const [index, plan] of plans.entries()) {
        const { durationSeconds, firstFrame, frameCount } = plan
        const number = String(index).padStart(3, '0')
        const file = await workspace.store(paths[index]!, { format: 'mkv', contentType: 'video/x-matroska', durationSeconds, number })
        files.push(file)
        parts.push({ ...partOf(plan, index, file.url), ...(index > 0 && { whole: { url: input.videoUrl, first: firstFrame, end: firstFrame + frameCount } }) })
        stored(index + 1, plans.length)
      }
      return { ...facts, parts: withStills(parts, facts), files, ...joinedNotes(notes, timeNotes(facts)) }
    }),
  )
}

const exactNote = 'Pictures of the video refer across its keyframes, or it does not tell when they are shown: it was cut at exact frames, not at keyframes.'

const unfitNote = 'The video is in a codec that Matroska cannot hold: it was cut at exact frames, not at keyframes.'

const withoutPicture = { mirrored: undefined, pixelAspect: undefined, interlaced: undefined, hdr: undefined }

/** The facts that are given, each alone. */
function given({ durationSeconds, frameCount, frameRate, variableFrameRate, width, height, rotationDegrees }: { readonly [Key in keyof VideoFacts]?: VideoFacts[Key] | undefined }) {
  return {
    ...(durationSeconds !== undefined && { durationSeconds }),
    ...(frameCount !== undefined && { frameCount }),
    ...(frameRate !== undefined && { frameRate }),
    ...(variableFrameRate !== undefined && { variableFrameRate }),
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(rotationDegrees !== undefined && { rotationDegrees }),
  }
}

/** Copies the packets of each part into a file of its own. Cut by counting packets: times are rounded, numbers are not. */
async function cut(workspace: Workspace, { path, stream, timing }: OpenVideo, plans: readonly PlannedPart[]): Promise<string[]> {
  if (timing.cutOffCount > 0) {
    throw new TerminalError('The video hides frames behind an edit list, which parts cannot. Run video_strip_audios on it first, or split it in "exact" mode.', {
      code: 'media/format_refused',
    })
  }
  const starts = plans.slice(1).map((plan) => plan.firstPacket)
  const pattern = 'part-%03d.mkv'
  await workspace.ffmpeg(
    {
      what: 'cut the video into parts',
      inputs: [{ path }],
      options: [
        ...['-map', `0:v:${stream.index}`, '-c', 'copy', '-an', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'],
        ...['-f', 'segment', '-segment_format', 'matroska', '-reset_timestamps', '1'],
        // No number at all would mean a new part at each keyframe; this one is never reached.
        ...['-segment_frames', starts.length > 0 ? starts.join(',') : '2147483646'],
      ],
      output: pattern,
    },
    { durationSeconds: timing.durationSeconds, to: 0.5 },
  )
  const names = (await readdir(workspace.folder)).filter((name) => /^part-\d+\.mkv$/.test(name)).toSorted()
  if (names.length !== plans.length) {
    throw new TracksError(`ffmpeg made ${names.length} parts instead of ${plans.length}`, { code: 'media/frames_lost', retryable: false })
  }
  return names.map((name) => workspace.path(name))
}

function partOf({ startSeconds, durationSeconds, frameCount }: PlannedPart, index: number, url: string): VideoPart {
  return { index, url, startSeconds, durationSeconds, frameCount }
}
