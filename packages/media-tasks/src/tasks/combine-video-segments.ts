import { stat, writeFile } from 'node:fs/promises'
import { TerminalError } from '@track-orchestrator/registry'
import { combineVideoSegments, type VideoPart } from '@track-orchestrator/registry/media'
import { concatFormats } from '../ffmpeg/input-gate.ts'
import { ownVideo, type VideoTiming } from '../ffmpeg/measure-video.ts'
import type { KeptFacts } from '../kept-facts.ts'
import { handlerOf, type MediaHandler, type MediaOptions, mediaTools } from '../media-tools.ts'
import { readAvcConfig, readPictureSize } from '../video/mp4-index.ts'
import { writeFfconcat } from '../video/ffconcat.ts'
import { requireFrames } from '../video/frames-lost.ts'
import { measureMp4 } from '../video/measure-mp4.ts'
import { joinedNotes } from '../video/picture-notes.ts'
import { writeMp4 } from '../video/write-mp4.ts'
import { withWorkspace, type Workspace } from '../workspace.ts'

/** Joins the parts, each at its own start, and counts the frames of the whole. */
export function createCombineVideoSegmentsHandler(options: MediaOptions): MediaHandler<typeof combineVideoSegments> {
  const tools = mediaTools('createCombineVideoSegmentsHandler', options)
  return handlerOf(combineVideoSegments, (input, context) =>
    withWorkspace(tools, context, input, async (workspace) => {
      const { signal } = workspace
      const parts = input.parts.toSorted((a, b) => a.index - b.index)
      const names = await openParts(workspace, parts)
      const list = workspace.path('parts.ffconcat')
      const entries = names.map((name, index) => {
        const next = parts[index + 1]
        return { name, ...(next && { durationSeconds: next.startSeconds - parts[index]!.startSeconds }) }
      })
      await writeFile(list, writeFfconcat(entries))

      const output = 'joined.mp4'
      const expected = parts.reduce((sum, part) => sum + part.frameCount, 0)
      const last = parts.at(-1)!
      await writeMp4(
        workspace,
        {
          what: 'join the parts',
          inputs: [{ path: list, options: ['-f', 'concat', '-safe', '1'], formats: concatFormats }],
          options: ['-map', '0:v:0', '-c', 'copy', '-map_metadata', '-1'],
          output,
        },
        { frameCount: expected, variableFrameRate: true },
        { durationSeconds: input.durationSeconds ?? last.startSeconds + last.durationSeconds, from: 0.3, to: 0.9 },
      )

      const joined = await measureMp4(tools.ffmpeg, workspace.path(output), ownVideo, { signal, limits: tools.limits })
      const { frameCount, durationSeconds } = joined
      requireFrames('The joined video', expected, frameCount)
      const file = await workspace.store(workspace.path(output), { format: 'mp4', contentType: 'video/mp4', durationSeconds, kept: await factsOfJoined(workspace.path(output), joined) })
      return { finalVideo: file.url, files: [file], durationSeconds, frameCount, ...joinedNotes(input.notes) }
    }),
  )
}

/** What is known of the joined video, so that the step which puts the sound under it need not look. */
async function factsOfJoined(path: string, timing: VideoTiming): Promise<KeptFacts | undefined> {
  const size = await readPictureSize(path)
  if (!size) return undefined
  const { durationSeconds, firstSeconds, frameRate } = timing
  const picture = { ...ownVideo, ...size, frameRate, startSeconds: firstSeconds, durationSeconds, isDefault: true, rotationDegrees: 0 } as const
  return { facts: { container: 'mov,mp4,m4a,3gp,3g2,mj2', sizeBytes: (await stat(path)).size, durationSeconds, video: [picture], audio: [], subtitleCount: 0 }, timing, stream: 0 }
}

/** Brings the parts into the folder under names of ours, and sees that one decoder set-up fits them all. */
async function openParts(workspace: Workspace, parts: readonly VideoPart[]): Promise<string[]> {
  const names: string[] = []
  let first: string | undefined
  for (const [place, part] of parts.entries()) {
    if (part.frames) throw unlike(part, 'is a range of frames, not a file')
    const name = `part-${String(place).padStart(4, '0')}.mp4`
    const config = await readAvcConfig(await workspace.open(part.url, name))
    if (config === undefined) throw unlike(part, 'is no H.264 in MP4')
    first ??= config
    if (config !== first) throw unlike(part, 'was encoded with another size or other options than the first one')
    names.push(name)
  }
  return names
}

function unlike({ index }: VideoPart, why: string): TerminalError {
  return new TerminalError(`Part ${index} cannot be joined, since it ${why}: run transcode_video_segments on all parts of the video`, {
    code: 'media/format_refused',
  })
}
